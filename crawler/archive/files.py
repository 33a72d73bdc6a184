"""Where an archive's files are: `DATA_DIR/archive/<day the run began, UTC>/<run>-<number>.warc.gz`, `.part` while written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from output.feed import PART, part_of
from output.files.durable import sync_name
from output.runs import run_start

FOLDER = "archive"
_ENDING = ".warc.gz"


def archive_path(data_dir: Path, run: str, number: int) -> Path:
    """The file of a run with that number, from 1."""
    return data_dir / FOLDER / run_start(run).date().isoformat() / f"{run}-{number:05}{_ENDING}"


def whole_files(data_dir: Path, since: date | None = None, until: date | None = None) -> dict[str, list[Path]]:
    """The files that are finished, by run, both in order; of runs that began on these days or between them."""
    found: dict[str, list[Path]] = {}
    for day, folder in days(data_dir):
        if (since is None or day >= since) and (until is None or day <= until):
            for path in sorted(folder.glob(f"*{_ENDING}")):
                found.setdefault(path.name.removesuffix(_ENDING).rpartition("-")[0], []).append(path)
    return found


def parts(data_dir: Path) -> list[Path]:
    """What runs that were interrupted have left, and what the run that is at work writes."""
    return sorted((data_dir / FOLDER).glob(f"*/*{_ENDING}{PART}"))


def finish(path: Path) -> None:
    """Give a `.part` its name; its bytes reach the disk first. Raises OSError."""
    part = part_of(path)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)
    sync_name(path)


def forget_before(data_dir: Path, first: date) -> int:
    """Remove the days before `first`; how many. Raises OSError."""
    old = [folder for day, folder in days(data_dir) if day < first]
    for folder in old:
        shutil.rmtree(folder)
    return len(old)


def days(data_dir: Path) -> Iterator[tuple[date, Path]]:
    """The archive's days, oldest first, each with its folder."""
    for folder in sorted((data_dir / FOLDER).glob("*/")):
        try:
            yield date.fromisoformat(folder.name), folder
        except ValueError:
            continue  # not ours
