"""Start the fork server from asyncio, request workers from it, and learn how they ended."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Protocol

from crawler.workers.protocol import (
    CallAnswer,
    CallError,
    CallTimeoutError,
    EndWorker,
    ForkWorker,
    FrameReader,
    WorkerDiedError,
    WorkerEnded,
    frame,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# Seconds that it may take to import what workers need, or to answer, also on a machine that is busy otherwise.
PATIENCE = 120.0
_READ = 1 << 16  # bytes at once
# Bytes on their way to a worker that the system holds, where it allows so many: a page goes out in one piece, not in many rounds.
_SEND = 4 << 20


class ForkServerOwner(Protocol):
    """Describe what a fork server reports to its pool."""

    def is_lost(self, why: CallError) -> None:
        """Handle the end of the server, warm or not; its workers end with it."""

    def reap(self, ending: asyncio.Task[None]) -> None:
        """Keep the task that waits for its end."""


@dataclass(frozen=True, slots=True)
class ForkedWorker:
    """Hold a requested worker: our end of its socket, and later how it ended; None where its server is gone."""

    number: int
    channel: socket.socket
    ended: asyncio.Future[WorkerEnded | None]


class ForkServer:
    """Run the process that forks workers. It starts at once, needs no event loop until it has an owner, and ends with this process.

    It calls `warm_up` first. If that returns a tuple of functions, it calls them while no worker is requested; calls that need
    them see whatever they raise.
    """

    def __init__(self, warm_up: Callable[[], object]):
        self.lost = False
        self._warm = self._attached = False
        self._numbers = count()
        self._forked: dict[int, ForkedWorker] = {}
        self._reader = FrameReader()
        self._why: CallError | None = None
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._channel.sendall(frame(warm_up))
            self.process = _start(theirs.fileno())

    def attach(self, owner: ForkServerOwner) -> None:
        """Listen to it within the running loop, for this owner; once is enough."""
        if self._attached:
            return
        self._attached = True
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._channel.setblocking(False)
        self._loop.add_reader(self._channel, self._read)
        self._deadline = self._loop.call_later(PATIENCE, self._overdue)

    def fork(self, megabytes: int) -> ForkedWorker:
        """Ask for a worker that may grow by so much. Raises OSError where there are no more sockets."""
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND)
        forked = ForkedWorker(next(self._numbers), ours, self._loop.create_future())
        self._forked[forked.number] = forked
        with theirs, suppress(OSError):  # it is gone, and with it goes `theirs`
            socket.send_fds(self._channel, [frame(ForkWorker(forked.number, megabytes))], [theirs.fileno()])
        if self.lost:
            self._drop_workers()
        return forked

    def end(self, forked: ForkedWorker) -> None:
        """Have the worker killed, where it is not dead yet; `forked.ended` then tells."""
        if forked.ended.done():
            return
        overdue = self._loop.call_later(PATIENCE, self._overdue)
        forked.ended.add_done_callback(lambda _: overdue.cancel())
        with suppress(OSError):
            self._channel.send(frame(EndWorker(forked.number)))

    async def close(self) -> None:
        """Have it end with all its workers, and wait for it: it has waited for them, so that their CPU time is known."""
        if self._attached and not self.lost:
            self._leave()
        if not self._warm:
            self.process.kill()  # it would first warm up to the end
        self._channel.close()
        await asyncio.to_thread(wait_or_kill, self.process, PATIENCE)
        self._drop_workers()

    # ---

    def _read(self) -> None:
        try:
            data = self._channel.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lose()
            return
        message: WorkerEnded | CallAnswer
        for message in self._reader.feed(data):
            if isinstance(message, WorkerEnded):
                _tell(self._forked.pop(message.number), message)
            else:
                self._warmed(message)

    def _warmed(self, answer: CallAnswer) -> None:
        answer.pass_on()
        if answer.failure and not self._warm:
            self._why = CallError(answer.failure, answer.traceback)
            self._lose()
        self._warm = True
        self._deadline.cancel()

    def _overdue(self) -> None:
        self._why = CallTimeoutError(f"the fork server does not answer within {PATIENCE:g} s")
        self._lose()

    def _lose(self) -> None:
        if not self.lost:
            self._leave()
            self.lost = True
            self._channel.close()
            self._drop_workers()
            self._owner.reap(self._loop.create_task(self._wait_for_end()))

    def _leave(self) -> None:
        self._loop.remove_reader(self._channel)
        self._deadline.cancel()

    def _drop_workers(self) -> None:
        """Report all workers as gone, because nothing will report their ends any more."""
        while self._forked:
            _tell(self._forked.popitem()[1], None)

    async def _wait_for_end(self) -> None:
        self.process.kill()  # where it is stuck, or only its connection is gone
        code = await asyncio.to_thread(self.process.wait)
        self._owner.is_lost(self._why or WorkerDiedError(f"the fork server ended: {exit_meaning(code)}"))


def exit_meaning(code: int) -> str:
    """Describe an exit code in words, a signal by its name."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _start(descriptor: int) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "OPENBLAS_NUM_THREADS": "1",  # one process a core is enough, and only a process of one thread can fork
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "crawler.workers.fork_server", str(descriptor), str(os.getpid())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # records go there
        pass_fds=(descriptor,),
        env=environment,
        process_group=0,  # Ctrl-C is for us: we finish with the pages that are in flight
    )


def _tell(forked: ForkedWorker, ended: WorkerEnded | None) -> None:
    if not forked.ended.done():  # cancelled, as all else is at the end of a loop
        forked.ended.set_result(ended)


def wait_or_kill(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait for a process that is ending, and kill it after that time."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
