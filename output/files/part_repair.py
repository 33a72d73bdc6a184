"""Repair what a process that died has left of a file of records: whole lines, each of them a record."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

import orjson

from output.storage.durable import sync_name

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

_CHUNK = 1 << 16


def repaired_records(part: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a `.part`, in order, and repair it: a last line that was torn is cut off first, and what is
    no record (blocks that a power failure left empty) is taken out last.

    Nothing is lost by it that could be kept: a URL whose record was torn is still pending. When all are read, what is
    left has reached the disk, under a name that has, too: the state may be told of it. Raises OSError.
    """
    _cut_torn_line(part)
    broken: set[int] = set()
    with part.open("rb") as file:
        for number, line in enumerate(file):
            record = _record_of(line)
            if record is None:
                broken.add(number)
            else:
                yield record
    if broken:
        logger.warning("%s: %d broken lines taken out", part, len(broken))
        _take_out(part, broken)
    sync_name(part)


def _cut_torn_line(part: Path) -> None:
    with part.open("r+b") as file:
        size = at = file.seek(0, os.SEEK_END)
        end = 0
        while at > 0 and not end:
            start = max(0, at - _CHUNK)
            file.seek(start)
            newline = file.read(at - start).rfind(b"\n")
            end = start + newline + 1 if newline >= 0 else 0
            at = start
        if end != size:
            logger.warning("%s: a torn line of %d bytes cut off", part, size - end)
            file.truncate(end)
        os.fsync(file.fileno())


def _record_of(line: bytes) -> dict[str, Any] | None:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return record if isinstance(record, dict) else None


def _take_out(part: Path, numbers: Container[int]) -> None:
    whole = part.with_name(f".{part.name}.mended")
    with part.open("rb") as file, whole.open("wb") as target:
        target.writelines(line for number, line in enumerate(file) if number not in numbers)
        target.flush()
        os.fsync(target.fileno())
    whole.replace(part)
