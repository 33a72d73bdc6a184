"""Read the records of finished files, in the order in which the runs ended.

Readers can rely on three things: a file without `.part` never changes; runs.jsonl lists every finished file, with its
line count and sha256; ids are stable. A reader that stores the last run it read misses nothing and reads nothing twice.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from output.files.record_file import read_records
from output.runs.run_log import RUNS_FILE, FinishedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """Hold what a reader needs of a line of runs.jsonl. Paths are relative to the folder."""

    run: str
    end: datetime
    files: tuple[FinishedFile, ...]


def read(
    data_dir: Path | str, since: datetime | str | None = None, *, newest: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield the articles of a DATA_DIR as dicts, in the order in which the runs ended.

    `since` is a run id (a record's `run`) or a time, in UTC if it has no time zone. It skips the runs up to and
    including that run, or those that ended before that time. With `newest`, only the newest revision of each article is
    yielded, at its own place; the files are then read twice. Files that no longer exist are skipped.

    Raises ValueError if no run has the id `since`, or if a line is not a record.

        >>> from output import read
        >>> for article in read("data", since="20260301T120000Z-0a1b2c"):  # doctest: +SKIP
        ...     print(article["published"], article["title"])
        2026-03-02T09:30:00+01:00 Ferry strike ends after nine days
    """
    folder = Path(data_dir)
    files = [
        folder / file.path
        for run in finished_runs(folder, since)
        for file in run.files
        if file.path.startswith("articles/") and (folder / file.path).exists()
    ]
    last: dict[str, int] = {}
    if newest:
        for path in files:
            for record in read_records(path):
                last[record["id"]] = max(record["revision"], last.get(record["id"], 0))
    for path in files:
        for record in read_records(path):
            if not newest or record["revision"] == last[record["id"]]:
                yield record


def finished_runs(data_dir: Path, since: datetime | str | None = None) -> list[FinishedRun]:
    """Return the runs in runs.jsonl, in its order; `since` as in `read`."""
    path = data_dir / RUNS_FILE
    runs: list[FinishedRun] = []
    for line in _reversed_lines(path) if path.exists() else ():
        if run := _run_of(line):
            if run.run == since:  # its newest line: a run that was recovered has two
                return runs[::-1]
            runs.append(run)
    if isinstance(since, str):
        raise ValueError(f"{path} has no run {since!r}")
    if since is not None:
        earliest = since if since.tzinfo else since.replace(tzinfo=UTC)
        runs = [run for run in runs if run.end >= earliest]
    return runs[::-1]


def _reversed_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, last one first: readers want only the newest few of a year's runs."""
    with path.open("rb") as file:
        at, rest = file.seek(0, os.SEEK_END), b""
        while at:
            start = max(0, at - _CHUNK)
            file.seek(start)
            rest, *lines = (file.read(at - start) + rest).split(b"\n")
            yield from reversed(lines)
            at = start
        yield rest


def _run_of(line: bytes) -> FinishedRun | None:
    try:
        fields = orjson.loads(line)
        files = tuple(FinishedFile(**file) for file in fields["files"])
        return FinishedRun(fields["run"], datetime.fromisoformat(fields["end"]), files)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None  # torn by a power failure; recovery wrote the line again
