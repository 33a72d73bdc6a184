"""Finish interrupted runs before a new run begins. `output.files.finalize` explains the order of steps."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import orjson

from output.files.finalize import FOLDERS, FinalizedRun, RunFinalizer
from output.files.record_file import PART, part_of, record_path
from output.files.set_aside import UnusableRecordsError, set_aside
from output.records.timestamps import rfc3339
from output.runs.run_log import RUNS_FILE, FinishedFile, RunLine, SiteCounts, append_run, run_start
from output.state import run_stages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

logger = logging.getLogger(__name__)

INTERRUPTED_OUTCOME = "interrupted"
_KILLED = 137  # 128 + SIGKILL, as shells report it


@dataclass(frozen=True, slots=True)
class RecoveredRun:
    """Describe a run that a later one finished."""

    run: str
    articles: int
    files: tuple[FinishedFile, ...]


def recover_runs(finalizer: RunFinalizer, now: datetime) -> list[RecoveredRun]:
    """Finish every interrupted run, oldest first. The caller must hold the folder's lock.

    Raises OSError or StateError if that fails. No new run may begin then: it would fetch again what the interrupted
    runs already have. A file that holds anything but a run's records is set aside; what it may have held is fetched again.
    """
    recovered = []
    logged = None
    for run in sorted(_interrupted(finalizer)):
        finished = _finalized(finalizer, run, now)
        files = finished.files
        line = _line(run, finished, now)
        logged = _files_in_run_log(finalizer.data_dir) if logged is None else logged
        if run not in logged or not {file.path for file in files} <= logged[run]:
            append_run(finalizer.data_dir, line)
        finalizer.mark_finished(run, now)
        if files:
            logger.warning("run %s was interrupted: its %d articles are now in finished files", run, line.articles)
        recovered.append(RecoveredRun(run, line.articles, files))
    return recovered


def _finalized(finalizer: RunFinalizer, run: str, now: datetime) -> FinalizedRun:
    """Finalize a run without those of its files that are unusable, each of which is renamed and named in the log."""
    paths = [record_path(finalizer.data_dir, folder, run) for folder in FOLDERS]
    for path in (name for finished in paths for name in (finished, part_of(finished))):
        if path.exists() and not path.is_file():
            _set_aside(path, f"{path}: not a regular file")
    while True:
        try:
            return finalizer.finalize(run, now)
        except UnusableRecordsError as error:
            _set_aside(error.path, str(error))


def _set_aside(path: Path, why: str) -> None:
    # An error, so that it is also seen where nobody reads the log: what to do with the file, only a person knows.
    logger.error("%s; it is now %s, and the run goes on without it", why, set_aside(path).name)


def _interrupted(finalizer: RunFinalizer) -> set[str]:
    """Return the runs that the state knows to be unfinished, and those unknown to it that left files.

    The latter exist if the state was lost or restored from a backup. They can only be newer than every known run, so
    only the days from the newest known run on are searched.
    """
    with finalizer.state.transaction() as connection:
        found = set(run_stages.unfinished_runs(connection))
        day = (run_stages.newest_run(connection) or "")[:8]
        known = run_stages.run_names(connection, day)
    return found | (set(_on_disk(finalizer.data_dir, day)) - known)


def _on_disk(data_dir: Path, day: str) -> Iterator[str]:
    """Yield the runs that have record files in the folder of this day (YYYYMMDD) or a later one."""
    for folder in FOLDERS:
        for path in (data_dir / folder).glob("*/"):
            for file in path.glob("*.jsonl*") if path.name.replace("-", "") >= day else ():
                run = file.name.removesuffix(PART).removesuffix(".jsonl")
                try:
                    run_start(run)
                except ValueError:
                    continue  # not a file of Winnow
                yield run


def _files_in_run_log(data_dir: Path) -> dict[str, set[str]]:
    """Return the files that runs.jsonl lists, by run. The line of a run that could not finish its files lists none."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    path = data_dir / RUNS_FILE
    if path.exists():
        with path.open("rb") as lines:
            for line in lines:
                try:
                    logged = orjson.loads(line)
                    found[logged["run"]].update(file["path"] for file in logged["files"])
                except (orjson.JSONDecodeError, KeyError, TypeError):
                    continue  # torn by a power failure
    return dict(found)


def _line(run: str, finished: FinalizedRun, now: datetime) -> RunLine:
    """Make the run's line from what is still known.

    Its end is now, when its files appear, so that readers who ask for newer runs find it.
    """
    articles, rejects = finished.articles, finished.rejects
    sites = {
        site: SiteCounts(articles=articles.sources[site], rejects=rejects.sources[site])
        for site in sorted({*articles.sources, *rejects.sources})
    }
    blank = RunLine(run, rfc3339(run_start(run)), rfc3339(now), INTERRUPTED_OUTCOME, _KILLED, "killed", "", {}, 0)
    return replace(
        blank,
        articles=articles.sources.total(),
        sites=sites,
        rejects=dict(rejects.reasons),
        removed=dict(articles.removed),
        files=finished.files,
    )
