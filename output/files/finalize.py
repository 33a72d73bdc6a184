"""The end of a run, in an order in which it may be interrupted anywhere and taken up again by whoever comes next.

While a run is at work, its records are lines of `.part` files, and the URLs they came from are pending in the state.
At its end:

    1. the `.part` files reach the disk, and their names do (fsync of file and folders)
    2. the state learns of all their lines in one transaction, which also says that the run is `recorded`; it is committed
       when 1 is done, though it begins before: the lines are read once for both
    3. each file is written anew without its private keys, reaches the disk, gets its name, which reaches the disk too;
       then its `.part` goes
    4. runs.jsonl gets the run's line; the state learns that the run is `finished`

So each line is parsed twice: for 1 and 2, and for 3, which also hashes and counts what it writes.

What an interruption leaves, and what the next run makes of it (`output.files.recovery`, before anything else):

    before 2            The `.part` files, the last line perhaps torn; the URLs pending. The torn line is cut off, its URL
                        will be asked for again; then on from 1.
    between 2 and 3     All lines are known to the state and safe on disk under `.part`: on from 3. Nobody fetches these
                        articles again, and nobody need: a recorded run's `.part` is always finished.
    in 3                The file has its name or not. If it has, it is whole, and a `.part` beside it is left over.
                        If not, what was written of it is thrown away, and it is written once more.
    before the end of 4 The files have their names: the line is written if runs.jsonl has none of this run.
    in the recovery     The same steps again: each one is done wholly or not at all, and twice does no harm.

A full disk is an interruption like any other: the step that does not fit leaves what was there before it.
A state that was lost, or is older than the files (a backup), is told of finished files that it does not know.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from output.files.part_repair import repaired_records
from output.files.record_file import (
    Record,
    Transform,
    finish_part,
    measure_file,
    part_of,
    read_records,
    record_path,
    unfinished_copy,
)
from output.runs.run_log import FinishedFile
from output.state import State, run_stages
from output.state.commit import Commit, CrawlNote, stored_by_other_runs
from output.state.database import batches
from output.state.run_stages import Stage
from output.storage.durable import sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from output.state.schedule import Schedule

FOLDERS: tuple[Literal["articles", "rejects"], ...] = ("articles", "rejects")


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """What the records of a finished file come to.

    `sources` counts records by registered domain ("" where there is none), `reasons` the rejects by reason, `removed`
    the blocks taken out of articles, by kind: also those that site memory took, which no single page tells.
    """

    sources: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)

    def add(self, record: _Record) -> None:
        """Count an article or a reject."""
        self.sources[record.get("source") or ""] += 1
        if reason := record.get("reason"):
            self.reasons[reason] += 1
        self.removed.update(record.get("removed") or {})

    def count_each(self, records: Iterable[_Record]) -> Iterator[_Record]:
        """Yield the records, each counted."""
        for record in records:
            self.add(record)
            yield record


class ArticleLearner(Protocol):
    """Learns from a run's articles as a whole."""

    def observe(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the articles as they are, and keep of each what is to be learned."""

    def store(self, connection: Connection) -> None:
        """Learn from what was observed, within the transaction that makes the articles known."""


class MemoryUpdater(Protocol):
    """Site memory as the end of a run needs it: it learns from all articles, and then has a last word on each."""

    def learner(self) -> ArticleLearner:
        """Return what learns from one run."""

    def transform(self, state: State) -> Callable[[Record], Record]:
        """Return what each article goes through before it is published, once the run is recorded."""


@dataclass(frozen=True, slots=True)
class FinalizedRun:
    """A run's files, paths relative to DATA_DIR, and what is in them."""

    files: tuple[FinishedFile, ...] = ()
    articles: RecordCounts = field(default_factory=RecordCounts)
    rejects: RecordCounts = field(default_factory=RecordCounts)


@dataclass(frozen=True, slots=True)
class RunFinalizer:
    """How runs of a folder are finished. `comparison_key` is the form in which URLs are compared."""

    data_dir: Path
    state: State
    schedule: Schedule
    comparison_key: Callable[[str], str]
    memory: MemoryUpdater | None = None

    def finalize(self, run: str, now: datetime, notes: Sequence[CrawlNote] = ()) -> FinalizedRun:
        """Steps 1 to 3, or those of them that are still to be done. Raises OSError or StateError; it may then be called
        again, also by another process.

        An article that the state has from another run, in this version or a later one, is left out: so it is where the
        folder and the state were put together from different backups.
        """
        articles, rejects = (record_path(self.data_dir, folder, run) for folder in FOLDERS)
        with self.state.transaction() as connection:
            stage = run_stages.stage_of(connection, run)
        if stage in (None, Stage.RUNNING):
            self._commit_records(run, articles, rejects, now, notes)
        done = FinalizedRun()
        files = (
            self._publish(articles, done.articles, lambda records: self._final_transform(run, records)),
            self._publish(rejects, done.rejects),
        )
        relative = (replace(file, path=Path(file.path).relative_to(self.data_dir).as_posix()) for file in files if file)
        return replace(done, files=tuple(relative))

    def mark_finished(self, run: str, now: datetime) -> None:
        """The end of step 4."""
        with self.state.transaction() as connection:
            run_stages.advance_run(connection, run, Stage.FINISHED, now)

    def _commit_records(
        self, run: str, articles: Path, rejects: Path, now: datetime, notes: Sequence[CrawlNote]
    ) -> None:
        learner = self.memory.learner() if self.memory else None
        with self.state.transaction() as connection:
            commit = Commit(connection, run, self.schedule, now, self.comparison_key)
            found = _records_of(articles)
            commit.add_articles(learner.observe(found) if learner else found)
            if learner:
                learner.store(connection)
            commit.add_rejects(_records_of(rejects))
            commit.add_notes(notes)
            run_stages.advance_run(connection, run, Stage.RECORDED, now)

    def _final_transform(self, run: str, records: Iterable[Record]) -> Iterator[Record]:
        """The articles that only this run has, as they are published."""
        improve = self.memory.transform(self.state) if self.memory else None
        for batch in batches(iter(records)):
            with self.state.transaction() as connection:
                doubled = stored_by_other_runs(connection, run, batch)
            for record in batch:
                if (record["id"], record["revision"]) not in doubled:
                    yield improve(record) if improve else record

    @staticmethod
    def _publish(path: Path, counts: RecordCounts, transform: Transform = iter) -> FinishedFile | None:
        """Give a file its name, and count its records."""
        part = part_of(path)
        unfinished_copy(path).unlink(missing_ok=True)
        if path.exists():
            part.unlink(missing_ok=True)
            sync_folder(path.parent)
            for record in read_records(path):
                counts.add(record)
            lines, digest = measure_file(path)
            return FinishedFile(str(path), lines, digest)
        return finish_part(path, lambda records: counts.count_each(transform(records))) if part.exists() else None


def _records_of(path: Path) -> Iterator[Record]:
    """The records of a file under its name, if it has it, else those of its `.part`, which is repaired."""
    if path.exists():
        return read_records(path)
    return repaired_records(part_of(path)) if part_of(path).exists() else iter(())


_Record = dict[str, Any]
