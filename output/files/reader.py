"""Following the feed: records over finished files, in the order in which the files were finished.

Three promises hold: a file without `.part` never changes; runs.jsonl names every finished file, with its line count and
sha256; ids are stable. Who remembers the last run that was read misses nothing and reads nothing twice.
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
    """A run as runs.jsonl tells of it, as far as a reader needs it. Paths are relative to the folder."""

    run: str
    end: datetime
    files: tuple[FinishedFile, ...]


def read(
    data_dir: Path | str, since: datetime | str | None = None, *, newest: bool = False
) -> Iterator[dict[str, Any]]:
    """The articles of a folder, in the order in which runs came to their end.

    `since` leaves out the runs up to that one, if it is the name of a run (a record's `run`), or those that ended
    before that moment (one without a time zone counts as UTC). With `newest`, an article that was revised comes once,
    in its newest version, where that one stands; the files are then read twice. Files that are gone, since someone
    moved them away, are passed over.

    Raises ValueError where `since` is a name that no run has, or where a line is not a record.
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
    """The runs that runs.jsonl tells of, in its order; `since` as in `read`."""
    path = data_dir / RUNS_FILE
    runs: list[FinishedRun] = []
    for line in _from_the_end(path) if path.exists() else ():
        if run := _run_of(line):
            if run.run == since:  # the newest of its lines: a run that was finished later has a second one
                return runs[::-1]
            runs.append(run)
    if isinstance(since, str):
        raise ValueError(f"{path} tells of no run {since!r}")
    if since is not None:
        moment = since if since.tzinfo else since.replace(tzinfo=UTC)
        runs = [run for run in runs if run.end >= moment]
    return runs[::-1]


def _from_the_end(path: Path) -> Iterator[bytes]:
    """The lines of a file, the last one first: after a year of runs only a few of very many are asked for."""
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
        row = orjson.loads(line)
        files = tuple(FinishedFile(**file) for file in row["files"])
        return FinishedRun(row["run"], datetime.fromisoformat(row["end"]), files)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None  # torn by a power failure; recovery wrote the line anew
