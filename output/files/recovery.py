"""What interrupted runs have left, finished before a new one begins. `output.files.finalize` says in which order and why."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson

from output.files.finalize import FOLDERS, FinalizedRun, RunFinalizer
from output.files.record_file import PART
from output.runs.run_log import RUNS_FILE, FinishedFile, RunLine, SiteCounts, append_run, run_start
from output.state import run_stages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

INTERRUPTED_OUTCOME = "interrupted"
_KILLED = 137  # 128 + SIGKILL, as shells tell of it


@dataclass(frozen=True, slots=True)
class RecoveredRun:
    """A run that was finished after its time."""

    run: str
    articles: int
    files: tuple[FinishedFile, ...]


def recover_runs(finishing: RunFinalizer, now: datetime) -> list[RecoveredRun]:
    """Finish every run that was interrupted, oldest first. To be called under the folder's lock.

    Raises OSError or StateError where that cannot be done; no new run may begin then, or it would fetch again what the
    old one holds.
    """
    recovered = []
    journal = None
    for run in sorted(_interrupted(finishing)):
        finished = finishing.finalize(run, now)
        files = finished.files
        line = _line(run, finished, now)
        journal = _named_in_journal(finishing.data_dir) if journal is None else journal
        if run not in journal or not {file.path for file in files} <= journal[run]:
            append_run(finishing.data_dir, line)
        finishing.mark_finished(run, now)
        if files:
            logger.warning("%s was interrupted: its %d articles are in finished files now", run, line.articles)
        recovered.append(RecoveredRun(run, line.articles, files))
    return recovered


def _interrupted(finishing: RunFinalizer) -> set[str]:
    """Runs that the state knows as unfinished, and those that it does not know but that have left files.

    These can only be newer than all that it knows (it is lost, or from a backup): only their days are looked into.
    """
    with finishing.state.transaction() as connection:
        found = set(run_stages.unfinished_runs(connection))
        day = (run_stages.newest_run(connection) or "")[:8]
        known = run_stages.run_names(connection, day)
    return found | (set(_on_disk(finishing.data_dir, day)) - known)


def _on_disk(data_dir: Path, day: str) -> Iterator[str]:
    """The runs that have files of records in the folder of that day, YYYYMMDD, or a later one."""
    for folder in FOLDERS:
        for path in (data_dir / folder).glob("*/"):
            for file in path.glob("*.jsonl*") if path.name.replace("-", "") >= day else ():
                run = file.name.removesuffix(PART).removesuffix(".jsonl")
                try:
                    run_start(run)
                except ValueError:
                    continue  # not ours
                yield run


def _named_in_journal(data_dir: Path) -> dict[str, set[str]]:
    """The files that runs.jsonl names, by run. A run that could not finish its files has a line that names none."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    path = data_dir / RUNS_FILE
    if path.exists():
        with path.open("rb") as lines:
            for line in lines:
                try:
                    row = orjson.loads(line)
                    found[row["run"]].update(file["path"] for file in row["files"])
                except (orjson.JSONDecodeError, KeyError, TypeError):
                    continue  # torn by a power failure
    return dict(found)


def _line(run: str, finished: FinalizedRun, now: datetime) -> RunLine:
    """What can still be told of the run. It ends now, with its files: a reader that asks for what is new must see it."""
    articles, rejects = finished.articles, finished.rejects
    sites = {
        site: SiteCounts(articles=articles.sources[site], rejects=rejects.sources[site])
        for site in sorted({*articles.sources, *rejects.sources})
    }
    blank = RunLine(run, _rfc3339(run_start(run)), _rfc3339(now), INTERRUPTED_OUTCOME, _KILLED, "killed", "", {}, 0)
    return replace(
        blank,
        articles=articles.sources.total(),
        sites=sites,
        rejects=dict(rejects.reasons),
        removed=dict(articles.removed),
        files=finished.files,
    )


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
