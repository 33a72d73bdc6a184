"""What passes between the pool, the fork server and the workers: pickles, each led by its length.

To a worker goes one call after another, a function and its arguments. It says with None that it is here, then of each call
when it begins, with None, and what it gave, an Answer. The fork server gets its warm-up first, a function, which it answers
likewise; then Fork and End, and says of each worker how it Ended.
"""

from __future__ import annotations

import logging
import os
import pickle
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

# The exit code of a worker whose memory ran out.
STARVED = 3
_LENGTH = struct.Struct("!Q")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call gave: `value`, or else `failure`, the exception in one line, and its traceback.

    `log` has what was logged meanwhile: (logger, level, message).
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
class Fork:
    """Fork worker `number`, which may grow by so many megabytes (0: no limit). Its end of a socket comes along."""

    number: int
    megabytes: int


@dataclass(frozen=True, slots=True)
class End:
    """Kill that worker, if it still lives, and say how it ended."""

    number: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A worker's exit code, negative for a signal; None where it could not even be forked, for the reason in `fault`."""

    number: int
    code: int | None
    fault: str = ""


def frame(value: Any) -> bytes:
    """A value as it goes over the wire. Raises what pickle raises for a value that cannot."""
    buffer = BytesIO(bytes(_LENGTH.size))
    buffer.seek(0, os.SEEK_END)
    pickle.dump(value, buffer, pickle.HIGHEST_PROTOCOL)  # a page is copied once on its way, not twice
    size = buffer.tell() - _LENGTH.size
    buffer.seek(0)
    buffer.write(_LENGTH.pack(size))
    return buffer.getvalue()


def receive(channel: socket.socket) -> Any:
    """The next value, and not a byte of what comes after it. Raises EOFError where the connection has ended."""
    try:
        (size,) = _LENGTH.unpack(channel.recv(_LENGTH.size, socket.MSG_WAITALL))
        return pickle.loads(channel.recv(size, socket.MSG_WAITALL))
    except struct.error:
        raise EOFError from None


class FrameReader:
    """Puts values together again from bytes as they arrive."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes | memoryview) -> Iterator[Any]:
        """The values that `data` completes."""
        self._buffer += data
        while len(self._buffer) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._buffer)[0]
            if len(self._buffer) < end:
                return
            with memoryview(self._buffer) as view:
                value = pickle.loads(view[_LENGTH.size : end])
            del self._buffer[:end]
            yield value
