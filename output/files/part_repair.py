"""Repair the `.part` that a dead process left, so that each line is a whole record."""

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
    """Yield the records of a `.part`, in order, and repair the file. Raises OSError.

    A torn last line is cut off before the first record is read. Lines that are no records (blocks that a power failure
    left empty) are removed after the last one. Nothing recoverable is lost: the URL of a torn record is still pending.

    Once all records are read, the file and its name are on disk, so the state may record them.
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
        logger.warning("%s: removed %d broken lines", part, len(broken))
        _remove_lines(part, broken)
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
            logger.warning("%s: cut off a torn line of %d bytes", part, size - end)
            file.truncate(end)
        os.fsync(file.fileno())


def _record_of(line: bytes) -> dict[str, Any] | None:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return record if isinstance(record, dict) else None


def _remove_lines(part: Path, numbers: Container[int]) -> None:
    repaired = part.with_name(f".{part.name}.repaired")
    with part.open("rb") as file, repaired.open("wb") as target:
        target.writelines(line for number, line in enumerate(file) if number not in numbers)
        target.flush()
        os.fsync(target.fileno())
    repaired.replace(part)
