"""Find an archive's files, and repair what an interrupted run left.

They are `DATA_DIR/archive/<day the run began, UTC>/<run>-<number>.warc.gz`, and end in `.part` while they are written.
"""

from __future__ import annotations

import logging
import os
import shutil
import zlib
from datetime import date
from typing import TYPE_CHECKING

from output.files.record_file import PART, part_of
from output.files.set_aside import set_aside
from output.runs.run_log import run_start
from output.storage.durable import sync_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARCHIVE_FOLDER = "archive"
_ENDING = ".warc.gz"

logger = logging.getLogger(__name__)

_CHUNK = 1 << 20
_GZIP = 16 + zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"


def archive_path(data_dir: Path, run: str, number: int) -> Path:
    """Return the path of a run's archive file with this number, counted from 1."""
    return data_dir / ARCHIVE_FOLDER / run_start(run).date().isoformat() / f"{run}-{number:05}{_ENDING}"


def whole_files(data_dir: Path, since: date | None = None, until: date | None = None) -> dict[str, list[Path]]:
    """Return the finished files by run, both in order, of runs that began between these days (inclusive)."""
    found: dict[str, list[Path]] = {}
    for day, folder in archive_days(data_dir):
        if (since is None or day >= since) and (until is None or day <= until):
            for path in sorted(folder.glob(f"*{_ENDING}")):
                found.setdefault(path.name.removesuffix(_ENDING).rpartition("-")[0], []).append(path)
    return found


def archive_parts(data_dir: Path) -> list[Path]:
    """Return the unfinished files: those of interrupted runs, and those of the run at work."""
    return sorted((data_dir / ARCHIVE_FOLDER).glob(f"*/*{_ENDING}{PART}"))


def finish_archive(path: Path) -> None:
    """Give a `.part` its name; its bytes reach the disk first. Raises OSError."""
    part = part_of(path)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)
    sync_name(path)


def delete_archives_before(data_dir: Path, first: date) -> int:
    """Remove the days before `first`, and return how many. Raises OSError."""
    old = [folder for day, folder in archive_days(data_dir) if day < first]
    for folder in old:
        shutil.rmtree(folder)
    return len(old)


def archive_days(data_dir: Path) -> Iterator[tuple[date, Path]]:
    """Yield the archive's days with their folders, oldest first."""
    for folder in sorted((data_dir / ARCHIVE_FOLDER).glob("*/")):
        try:
            yield date.fromisoformat(folder.name), folder
        except ValueError:
            continue  # not ours


def repair_archive(data_dir: Path) -> list[Path]:
    """Cut each `.part` after its last whole record, give it its final name, and return the files that remain.

    What no archive can have left is set aside. Call this while holding the folder's lock. Raises OSError.
    """
    repaired = []
    for part in archive_parts(data_dir):
        if not _may_be_ours(part):
            logger.error("%s: not an archive file; it is now %s", part, set_aside(part).name)
            continue
        whole, size = _whole_members(part), part.stat().st_size
        if whole < size:
            logger.warning("%s: a torn record of %d bytes cut off", part, size - whole)
            os.truncate(part, whole)
        if not whole:
            part.unlink()
            continue
        path = part.with_name(part.name.removesuffix(PART))
        finish_archive(path)
        repaired.append(path)
    return repaired


def _may_be_ours(part: Path) -> bool:
    """Tell whether a file may be what a run began to write: gzip, or the zeros that a power failure leaves of it."""
    if not part.is_file():
        return False
    with part.open("rb") as file:
        head = file.read(len(_GZIP_MAGIC))
    return head == _GZIP_MAGIC or not head.strip(b"\0")


def _whole_members(path: Path) -> int:
    """Return where the last whole gzip member ends, in bytes."""
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
