"""The end of a run, in an order in which it may be interrupted anywhere and taken up again by whoever comes next.

While a run is at work, its records are lines of `.part` files, and the URLs they came from are pending in the state.
At its end:

    1. the `.part` files reach the disk, and their names do (fsync of file and folders)
    2. the state learns of all their lines in one transaction, which also says that the run is `recorded`
    3. each file is written anew without its private keys, reaches the disk, gets its name, which reaches the disk too;
       then its `.part` goes
    4. runs.jsonl gets the run's line; the state learns that the run is `finished`

What an interruption leaves, and what the next run makes of it (`output.recovery`, before anything else):

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
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from sqlalchemy import Connection

from output.disk import sync_folder
from output.feed import Record, Transform, finish_part, measure, part_of, read_records, record_path, unfinished_copy
from output.part import mend
from output.runs import FinishedFile
from output.state import State, runs
from output.state.commit import Commit, Note, known_elsewhere
from output.state.runs import Stage
from output.state.schedule import Schedule

FOLDERS: tuple[Literal["articles", "rejects"], ...] = ("articles", "rejects")


class SiteMemory(Protocol):
    """What learns from a run's articles as a whole, and then has a last word on each of them."""

    def learn(self, connection: Connection, records: Sequence[Path]) -> None:
        """Learn from the articles in these `.part` files, within the transaction that makes them known."""

    def transform(self, state: State) -> Transform | None:
        """What each article goes through before it is published, once the run is recorded."""


@dataclass(frozen=True, slots=True)
class Finishing:
    """How runs of a folder are finished. `comparison_key` is the form in which URLs are compared."""

    data_dir: Path
    state: State
    schedule: Schedule
    comparison_key: Callable[[str], str]
    memory: SiteMemory | None = None

    def finish(self, run: str, now: datetime, notes: Sequence[Note] = ()) -> list[FinishedFile]:
        """Steps 1 to 3, or those of them that are still to be done. Returns the run's files, paths relative to the
        folder. Raises OSError or StateError; it may then be called again, also by another process.

        An article that the state has from another run, in this version or a later one, is left out: so it is where the
        folder and the state were put together from different backups.
        """
        paths = [record_path(self.data_dir, folder, run) for folder in FOLDERS]
        with self.state.transaction() as connection:
            stage = runs.stage_of(connection, run)
        if stage in (None, Stage.RUNNING):
            self._record(run, paths, now, notes)
        articles, rejects = paths
        finished = [self._publish(articles, self._last_word(run, articles)), self._publish(rejects, None)]
        return [replace(one, path=Path(one.path).relative_to(self.data_dir).as_posix()) for one in finished if one]

    def close(self, run: str, now: datetime) -> None:
        """The end of step 4."""
        with self.state.transaction() as connection:
            runs.advance(connection, run, Stage.FINISHED, now)

    def _record(self, run: str, paths: Sequence[Path], now: datetime, notes: Sequence[Note]) -> None:
        articles, rejects = paths
        for path in paths:
            if part_of(path).exists() and not path.exists():
                mend(part_of(path))
        with self.state.transaction() as connection:
            commit = Commit(connection, run, self.schedule, now, self.comparison_key)
            if lines := _lines_of(articles):
                commit.articles(read_records(lines))
                if self.memory and lines == part_of(articles):
                    self.memory.learn(connection, [lines])
            if lines := _lines_of(rejects):
                commit.rejects(read_records(lines))
            commit.notes(notes)
            runs.advance(connection, run, Stage.RECORDED, now)

    def _last_word(self, run: str, path: Path) -> Transform | None:
        """What each article of a `.part` goes through before it is published."""
        if path.exists() or not part_of(path).exists():
            return None
        with self.state.transaction() as connection:
            doubled = known_elsewhere(connection, run, read_records(part_of(path)))
        improve = self.memory.transform(self.state) if self.memory else None
        if not doubled:
            return improve

        def once(record: Record) -> Record | None:
            if (record["id"], record["revision"]) in doubled:
                return None
            return improve(record) if improve else record

        return once

    @staticmethod
    def _publish(path: Path, transform: Transform | None) -> FinishedFile | None:
        part = part_of(path)
        unfinished_copy(path).unlink(missing_ok=True)
        if path.exists():
            part.unlink(missing_ok=True)
            sync_folder(path.parent)
            lines, digest = measure(path)
            return FinishedFile(str(path), lines, digest)
        return finish_part(path, transform) if part.exists() else None


def removed_in(data_dir: Path, files: Sequence[FinishedFile]) -> dict[str, int]:
    """What was taken out of the articles in these files, by kind: also what their outlets repeat, which no page tells."""
    removed: Counter[str] = Counter()
    for file in files:
        if file.path.startswith("articles/"):
            for record in read_records(data_dir / file.path):
                removed.update(record["removed"])
    return dict(removed)


def _lines_of(path: Path) -> Path | None:
    """Where the lines of a record file are: under its name, if it has it, else in its `.part`."""
    return next((one for one in (path, part_of(path)) if one.exists()), None)
