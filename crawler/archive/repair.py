"""What an interrupted run has left of its archive, made whole: cut after the last whole record, and named."""

from __future__ import annotations

import logging
import os
import zlib
from pathlib import Path

from crawler.archive.files import finish, parts
from output.feed import PART

logger = logging.getLogger(__name__)

_CHUNK = 1 << 20
_GZIP = 16 + zlib.MAX_WBITS


def repair(data_dir: Path) -> list[Path]:
    """Give every `.part` its name, once it ends with a whole record; those that then are left. To be called under the
    folder's lock. Raises OSError."""
    repaired = []
    for part in parts(data_dir):
        whole, size = _whole_members(part), part.stat().st_size
        if whole < size:
            logger.warning("%s: a torn record of %d bytes cut off", part, size - whole)
            os.truncate(part, whole)
        if not whole:
            part.unlink()
            continue
        path = part.with_name(part.name.removesuffix(PART))
        finish(path)
        repaired.append(path)
    return repaired


def _whole_members(path: Path) -> int:
    """Where the last gzip member ends that is whole, in bytes."""
    end = 0
    with path.open("rb") as file:
        member = zlib.decompressobj(_GZIP)
        while data := file.read(_CHUNK):
            while data:
                try:
                    member.decompress(data)
                except zlib.error:  # blocks that a power failure left empty
                    return end
                if not member.eof:
                    break
                end = file.tell() - len(member.unused_data)
                data = member.unused_data
                member = zlib.decompressobj(_GZIP)
    return end
