"""Call functions in a child process that ends itself when a call takes too long.

The child lives from call to call, because to start it costs as much as many pages. It speaks pickles through a pipe.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import weakref
from functools import cache
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

OUT_OF_MEMORY = 3  # the exit code of a child whose memory ran out


class OverdueError(Exception):
    """Report a call that took longer than it may."""


class ChildDiedError(Exception):
    """Report a call that ended its process."""


def call_within(seconds: float, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Return what the function returns in the child process, or raise what it raises there.

    Calls from several threads take turns, and each has its whole time. Raises OverdueError past the time, and
    ChildDiedError where the call ends its process; the next call has a new one.
    """
    if not seconds > 0:
        raise ValueError(f"timeout={seconds!r}: must be more than 0 seconds")
    return _owner_of(os.getpid()).call(seconds, function, arguments, options)


class ChildOwner:
    """Start the child with the first call and replace it after one that ended it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def call(self, seconds: float, function: Callable[..., Any], arguments: Any, options: Any) -> Any:
        with self._lock:
            if self._child is None or self._child.process.poll() is not None:
                self._child = None
                self._child = _Child()
            child = self._child
            try:
                result, error = child.answer((seconds, function, arguments, options))
            except EOFError:
                self._child = None
                raise _death(child.process.wait(), seconds) from None
            except BaseException:
                self._child = None  # it may still be at work, and its answer must not be taken for another's
                child.end()
                raise
        if error is not None:
            raise error
        return result


@cache
def _owner_of(_process: int) -> ChildOwner:
    """Return the owner of this process: one that was forked must neither share the child nor inherit a lock."""
    return ChildOwner()


class _Child:
    """Hold a process that is ready for calls. Raises OSError where it does not start."""

    def __init__(self) -> None:
        ours, theirs = Pipe()
        with theirs:
            # With -P, no module is taken from the working folder that the caller would not find there too.
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "cleaners.time_limit", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(str(Path(path).absolute()) for path in sys.path)},
            )
        self.end = weakref.finalize(self, _end, ours, self.process, os.getpid())
        self._connection = ours
        try:
            self._connection.recv()  # it has loaded what cleaning needs
        except EOFError:
            code = self.process.wait()
            raise OSError(f"the process that cleans within a time limit does not start (exit code {code})") from None

    def answer(self, call: Any) -> Any:
        """Return the result and the error of a call, one of them None. Raises EOFError where the child has ended."""
        try:
            self._connection.send(call)
            return self._connection.recv()
        except OSError:  # also for half an answer
            raise EOFError from None


def _end(connection: Connection, process: subprocess.Popen[bytes], owner: int) -> None:
    connection.close()
    if os.getpid() == owner:
        process.kill()
        process.wait()


def _death(code: int, seconds: float) -> Exception:
    if code == -signal.SIGALRM:
        return OverdueError(f"not done after {seconds:g} s")
    if code == OUT_OF_MEMORY:
        return ChildDiedError("needs more memory than there is")
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return ChildDiedError(f"ended its process: {name}")
