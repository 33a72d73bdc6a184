"""What a process that died has left of a file of records, made good: whole lines, each of them a record."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import orjson

from output.disk import sync_folder

logger = logging.getLogger(__name__)

_CHUNK = 1 << 16


def mend(part: Path) -> None:
    """Cut off a last line that was torn and take out what is no record (blocks that a power failure left empty).

    Nothing is lost by it that could be kept: a URL whose record was torn is still pending. What is left has reached the
    disk then, under a name that has, too: the state may be told of it. Raises OSError.
    """
    _cut_torn_line(part)
    with part.open("rb") as file:
        broken = sum(not _is_record(line) for line in file)
    if broken:
        logger.warning("%s: %d broken lines taken out", part, broken)
        whole = part.with_name(f".{part.name}.mended")
        with part.open("rb") as file, whole.open("wb") as target:
            target.writelines(line for line in file if _is_record(line))
            target.flush()
            os.fsync(target.fileno())
        whole.replace(part)
    for folder in list(part.parents)[:3]:  # the day's, the folder of articles, DATA_DIR: each may be new itself
        sync_folder(folder)


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


def _is_record(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False
