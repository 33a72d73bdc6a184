"""Define what passes between the pool, the fork server and the workers.

Calls and their failures, budgets, and messages: pickles, each led by its length.
"""

from __future__ import annotations

import logging
import os
import pickle
import socket
import struct
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator


class CallError(Exception):
    """Report a call that gave nothing: what it raised in the worker, with the traceback from there in `traceback`."""

    def __init__(self, detail: str, traceback: str = ""):
        super().__init__(detail)
        self.traceback = traceback


class CallTimeoutError(CallError):
    """Report a call that exceeded its time budget."""


class WorkerDiedError(CallError):
    """Report a call that ended its worker: out of memory, or killed by a signal."""


class NoWorkerError(CallError):
    """Report that workers cannot be started; the detail says why."""


class CallDroppedError(CallError):
    """Report a call that was dropped because the run is ending; nothing is wrong with it."""


@dataclass(frozen=True, slots=True)
class CallBudget:
    """Limit what one call may cost, in seconds and megabytes (0: no limit), and how many calls a worker serves."""

    seconds: float = 20.0
    megabytes: int = 1024
    calls: int = 1000


@dataclass(slots=True, eq=False)
class WorkerCall:
    """Hold a function to run in a worker, and the future of its result."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    result: asyncio.Future[Any]
    again: bool = False  # a worker that was at it is gone, through no fault of this call

    def fail(self, error: CallError) -> None:
        """Hand the error to whoever waits, if anyone still does."""
        if not self.result.done():
            self.result.set_exception(error)


# The exit code of a worker whose memory ran out.
STARVED = 3
_LENGTH = struct.Struct("!Q")


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """Carry the result of a call: `value`, or else `failure`, the exception in one line, with its traceback.

    `log` is what was logged meanwhile: (logger, level, message).
    """

    value: Any = None
    failure: str | None = None
    traceback: str = ""
    log: list[tuple[str, int, str]] = field(default_factory=list)

    def pass_on(self) -> None:
        """Log here what was logged there."""
        for name, level, message in self.log:
            logging.getLogger(name).log(level, "%s", message)


@dataclass(frozen=True, slots=True)
class ForkWorker:
    """Fork worker `number`, which may grow by so many megabytes (0: no limit). Its end of a socket comes along."""

    number: int
    megabytes: int


@dataclass(frozen=True, slots=True)
class WorkerReady:
    """Report that a worker takes calls, and the id of its process."""

    process: int


@dataclass(frozen=True, slots=True)
class CallBegun:
    """Report that a worker has begun its next call."""


@dataclass(frozen=True, slots=True)
class EndWorker:
    """Kill that worker, if it still lives, and say how it ended."""

    number: int


@dataclass(frozen=True, slots=True)
class WorkerEnded:
    """Carry a worker's exit code, negative for a signal; None where it could not be forked, for the reason in `fault`."""

    number: int
    code: int | None
    fault: str = ""


def frame(value: Any) -> bytes:
    """Encode a value for the connection. Raises what pickle raises for a value that cannot be pickled."""
    buffer = BytesIO(bytes(_LENGTH.size))
    buffer.seek(0, os.SEEK_END)
    pickle.dump(value, buffer, pickle.HIGHEST_PROTOCOL)  # a page is copied once on its way, not twice
    size = buffer.tell() - _LENGTH.size
    buffer.seek(0)
    buffer.write(_LENGTH.pack(size))
    return buffer.getvalue()


def receive(channel: socket.socket) -> Any:
    """Read the next value and not a byte beyond it. Raises EOFError where the connection has ended."""
    try:
        (size,) = _LENGTH.unpack(channel.recv(_LENGTH.size, socket.MSG_WAITALL))
        return pickle.loads(channel.recv(size, socket.MSG_WAITALL))
    except struct.error:
        raise EOFError from None


class FrameReader:
    """Rebuild values from bytes as they arrive."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes | memoryview) -> Iterator[Any]:
        """Yield the values that `data` completes."""
        self._buffer += data
        while len(self._buffer) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._buffer)[0]
            if len(self._buffer) < end:
                return
            with memoryview(self._buffer) as view:
                value = pickle.loads(view[_LENGTH.size : end])
            del self._buffer[:end]
            yield value
