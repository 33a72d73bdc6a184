"""What passes between the pool and its workers: pickles, each led by its length.

A call is a function and its arguments. Of each, the worker says when it begins, with None, and then what it gave.
"""

from __future__ import annotations

import os
import pickle
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


def frame(value: Any) -> bytes:
    """A value as it goes over the wire. Raises what pickle raises for a value that cannot."""
    buffer = BytesIO(bytes(_LENGTH.size))
    buffer.seek(0, os.SEEK_END)
    pickle.dump(value, buffer, pickle.HIGHEST_PROTOCOL)  # a page is copied once on its way, not twice
    size = buffer.tell() - _LENGTH.size
    buffer.seek(0)
    buffer.write(_LENGTH.pack(size))
    return buffer.getvalue()


class FrameReader:
    """Puts values together again from bytes as they arrive."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Any]:
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
