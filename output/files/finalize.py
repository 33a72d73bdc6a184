"""Finalize a run's files, in an order that may be interrupted anywhere and resumed by the next run.

During a run, its records are lines of `.part` files, and their URLs are pending in the state. Finalizing takes four steps:

    1. Sync    Sync the `.part` files and their names to disk.
    2. Record  Add all their lines to the state and set the run's stage to `recorded`, in one transaction. It opens
               before step 1, so that the lines are read once for both, but commits after it.
    3. Publish Write each file without its private keys, sync it, rename it to its final name and sync the name.
               Then delete its `.part`.
    4. Log     Append the run's line to runs.jsonl, then set the run's stage to `finished`.

Each line is parsed twice: once for steps 1 and 2, and once for step 3, which also hashes and counts what it writes.

After an interruption, the next run recovers before it does anything else (`output.files.recovery`):

    Interrupted       What is left                                 What recovery does
    ----------------  -------------------------------------------  ----------------------------------------------
    before 2 commits  `.part` files, perhaps with a torn last      Cuts off the torn line, whose URL is fetched
                      line. All URLs are pending.                  again, and starts at step 1.
    between 2 and 3   Complete `.part` files, which the state      Continues with step 3. These files must be
                      has recorded.                                finalized: no run will fetch their articles.
    during 3          Each file either complete, with its final    Deletes the `.part` of a complete file. Discards
                      name, or a `.part` and perhaps a copy that   an incomplete copy and writes it again.
                      is half written.
    before 4 ends     Finished files only.                         Appends the line if runs.jsonl has none for the
                                                                   run, and sets the stage.
    during recovery   Any of the above.                            Starts over: each step is atomic, and repeating
                                                                   it does no harm.

A full disk is an interruption like any other: a step that fails for lack of space leaves the previous files intact.
If the state was lost or restored from an older backup, recovery adds the finished files that it does not know.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

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
from output.files.set_aside import blaming, own_records
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
    """Count the records of a finished file.

    `sources` counts records by registered domain ("" if there is none), `reasons` rejects by reason, and `removed` the
    blocks removed from articles by kind, including those that only site memory removes.
    """

    sources: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)

    def add(self, record: Record) -> None:
        """Count an article or a reject."""
        self.sources[record.get("source") or ""] += 1
        if reason := record.get("reason"):
            self.reasons[reason] += 1
        self.removed.update(record.get("removed") or {})

    def count_each(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records, counting each."""
        for record in records:
            self.add(record)
            yield record


class ArticleLearner(Protocol):
    """Learn from all articles of a run."""

    def observe(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the articles unchanged, and collect what there is to learn from each."""

    def store(self, connection: Connection) -> None:
        """Store what was collected, in the transaction that records the articles."""


class MemoryUpdater(Protocol):
    """Update site memory from a run's articles, then apply it to each of them."""

    def learner(self) -> ArticleLearner:
        """Return a learner for one run."""

    def transform(self, state: State) -> Callable[[Record], Record]:
        """Return the final change to each article, once the run is recorded."""


@dataclass(frozen=True, slots=True)
class FinalizedRun:
    """Hold the finished files of a run, with paths relative to DATA_DIR, and the counts of their records."""

    files: tuple[FinishedFile, ...] = ()
    articles: RecordCounts = field(default_factory=RecordCounts)
    rejects: RecordCounts = field(default_factory=RecordCounts)


@dataclass(frozen=True, slots=True)
class RunFinalizer:
    """Finalize the runs of a folder.

    `comparison_key` maps a URL to the form in which URLs are compared.
    """

    data_dir: Path
    state: State
    schedule: Schedule
    comparison_key: Callable[[str], str]
    memory: MemoryUpdater | None = None

    def finalize(self, run: str, now: datetime, notes: Sequence[CrawlNote] = ()) -> FinalizedRun:
        """Do steps 1 to 3, or those that remain.

        Raises OSError or StateError; it may then be called again, also by another process. Raises
        UnusableRecordsError for a file that is not this run's: once it is set aside, the rest can be finalized.

        Articles that another run has recorded, in this revision or a later one, are left out. This happens if the
        folder and the state come from different backups.
        """
        articles, rejects = (record_path(self.data_dir, folder, run) for folder in FOLDERS)
        with self.state.transaction() as connection:
            stage = run_stages.stage_of(connection, run)
        if stage in (None, Stage.RUNNING):
            self._commit_records(run, articles, rejects, now, notes)
        done = FinalizedRun()
        with blaming(_source_of(articles)):
            files = [self._publish_file(articles, done.articles, lambda records: self._final_transform(run, records))]
        with blaming(_source_of(rejects)):
            files.append(self._publish_file(rejects, done.rejects))
        relative = (replace(file, path=Path(file.path).relative_to(self.data_dir).as_posix()) for file in files if file)
        return replace(done, files=tuple(relative))

    def mark_finished(self, run: str, now: datetime) -> None:
        """Finish step 4: set the run's stage to `finished`."""
        with self.state.transaction() as connection:
            run_stages.advance_run(connection, run, Stage.FINISHED, now)

    def _commit_records(
        self, run: str, articles: Path, rejects: Path, now: datetime, notes: Sequence[CrawlNote]
    ) -> None:
        learner = self.memory.learner() if self.memory else None
        with self.state.transaction() as connection:
            commit = Commit(connection, run, self.schedule, now, self.comparison_key)
            with blaming(_source_of(articles)):
                records = own_records(_records_of(articles), run)
                commit.add_articles(learner.observe(records) if learner else records)
                if learner:
                    learner.store(connection)
            with blaming(_source_of(rejects)):
                commit.add_rejects(own_records(_records_of(rejects), run))
            commit.add_notes(notes)
            run_stages.advance_run(connection, run, Stage.RECORDED, now)

    def _final_transform(self, run: str, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the articles in their final form, without those that another run has recorded."""
        transform = self.memory.transform(self.state) if self.memory else None
        for batch in batches(iter(records)):
            with self.state.transaction() as connection:
                duplicates = stored_by_other_runs(connection, run, batch)
            for record in batch:
                if (record["id"], record["revision"]) not in duplicates:
                    yield transform(record) if transform else record

    @staticmethod
    def _publish_file(path: Path, counts: RecordCounts, transform: Transform = iter) -> FinishedFile | None:
        """Do step 3 for one file, and count its records."""
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


def _source_of(path: Path) -> Path:
    """Return the finished file or, if there is none, its `.part`."""
    return path if path.exists() else part_of(path)


def _records_of(path: Path) -> Iterator[Record]:
    """Read the records of a finished file or, if there is none, of its `.part`, which is repaired."""
    source = _source_of(path)
    if source == path:
        return read_records(path)
    return repaired_records(source) if source.exists() else iter(())
