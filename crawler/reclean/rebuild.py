"""Rebuild the archive of some days, run by run, as record files in a folder of their own."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.archive.capture import Capture, read_captures
from crawler.archive.warc_records import BrokenRecord
from crawler.frontier.site_memory_store import SiteMemoryStore, with_blocks
from crawler.pipelines.clean_page import CleanedPage, CleanPipeline
from crawler.reclean.settle import VersionSettler
from crawler.reclean.stored_run import StoredRun, read_stored_run, record_digest
from crawler.sites.profile_loader import find_profile
from output.files.reader import finished_runs
from output.files.record_file import PRIVATE, Record, RecordFile, finish_part, read_records, record_path
from output.records.article import Article
from output.records.pending import Pending, UrlOutcome
from output.records.timestamps import rfc3339
from output.runs.run_log import FinishedFile, RunLine, append_run, run_start
from output.state import State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from cleaners.page import SiteRules
    from crawler.items import FailedPage

# Pages under way or waiting for an earlier one.
_WINDOW = 64


@dataclass(slots=True)
class RebuildTally:
    """Count what a rebuild gave.

    Of the articles, `changed` differ from the stored ones, and `new` are not stored; `lost` are stored and give no article any
    more, `absent` are stored and their pages are not in the archive.
    """

    pages: int = 0
    runs: int = 0
    articles: int = 0
    changed: int = 0
    new: int = 0
    lost: int = 0
    absent: int = 0
    broken: int = 0
    rejects: Counter[str] = field(default_factory=Counter)


class ArchiveRebuild:
    """Clean archived pages again.

    Site memory is learned from these records alone and applied at the end of each run, as in a crawl. `warn` gets one line for
    each record of the archive that cannot be read.
    """

    def __init__(
        self,
        data_dir: Path,
        target: Path,
        cleaning: CleanPipeline,
        warn: Callable[[str], None],
        site: str | None = None,
    ):
        self._data_dir, self._target, self._cleaning, self._warn, self._site = data_dir, target, cleaning, warn, site
        self._settling = VersionSettler()
        self._rules_of = lru_cache(maxsize=None)(_rules_of)
        self.tally = RebuildTally()

    async def rebuild(self, archive: dict[str, list[Path]], now: datetime) -> None:
        """Rebuild the records of the runs in `archive`, which maps each run to its files.

        Raises OSError, StateError, and ValueError where a stored line is not a record.
        """
        journal = {run.run: run.files for run in finished_runs(self._data_dir)}
        with tempfile.TemporaryDirectory() as folder:
            memory = State.open(f"sqlite:///{folder}/memory.db")
            try:
                for run, paths in archive.items():
                    await self._rebuild_run(
                        run, paths, read_stored_run(self._data_dir, run, journal.get(run)), memory, now
                    )
            finally:
                memory.close()

    async def _rebuild_run(
        self, run: str, paths: Sequence[Path], stored: StoredRun, memory: State, now: datetime
    ) -> None:
        articles, rejects = (RecordFile(record_path(self._target, name, run)) for name in ("articles", "rejects"))
        met: set[str] = set()
        async for capture, cleaned in self._cleaned(paths):
            self.tally.pages += 1
            requested = capture.fetched.requested_url
            met.add(requested)
            record = self._settling.settle(capture, cleaned, stored)
            if record is None:
                continue
            line = record.model_dump(mode="json")
            if isinstance(record, Article) and isinstance(cleaned, CleanedPage):
                pending = with_blocks(Pending(UrlOutcome(requested, (), capture.fetched.site)), cleaned.document)
                articles.write({**line, **pending.to_part_keys()})
            else:
                self.tally.rejects[str(line["reason"])] += 1
                self.tally.lost += requested in stored.articles
                rejects.write(line)
        if self._site is None:
            self.tally.absent += len(stored.articles.keys() - met)
        files = [self._finish_articles(run, articles, stored, memory), rejects.finish()]
        self._log(run, [file for file in files if file], now)

    async def _cleaned(self, paths: Sequence[Path]) -> AsyncIterator[tuple[Capture, CleanedPage | FailedPage]]:
        """Yield the captures of these files in order, each cleaned. Unchanged captures are skipped: equal bytes give equal text."""
        window: deque[tuple[Capture, asyncio.Future[CleanedPage | FailedPage]]] = deque()
        try:
            for capture in self._captures(paths):
                if not capture.unchanged:
                    fetched = replace(capture.fetched, rules=self._rules_of(capture.fetched.site))
                    window.append((capture, asyncio.ensure_future(self._cleaning.process_item(fetched))))
                if len(window) >= _WINDOW:
                    first, future = window.popleft()
                    yield first, await future
            while window:
                first, future = window.popleft()
                yield first, await future
        finally:
            for _, future in window:
                future.cancel()

    def _captures(self, paths: Sequence[Path]) -> Iterator[Capture]:
        for path in paths:
            for capture in read_captures(path):
                if isinstance(capture, BrokenRecord):
                    self.tally.broken += 1
                    self._warn(f"{path}, byte {capture.offset}: a record that cannot be read: {capture.why}")
                elif self._site in (None, capture.fetched.site):
                    yield capture

    def _finish_articles(self, run: str, file: RecordFile, stored: StoredRun, state: State) -> FinishedFile | None:
        """Finish the articles' file: drop what their sites repeat, and give it its final name."""
        file.abandon()
        if not file.part.exists():
            return None
        memories = SiteMemoryStore(run_start(run))
        with state.transaction() as connection:
            memories.learn(connection, read_records(file.part))
        improve = memories.transform(state)

        def compared(records: Iterable[Record]) -> Iterator[Record]:
            for record in map(improve, records):
                public = {key: value for key, value in record.items() if not key.startswith(PRIVATE)}
                before = stored.articles.get(record["requested_url"])
                self.tally.articles += 1
                self.tally.new += before is None
                self.tally.changed += before is not None and before.digest != record_digest(public)
                yield public

        return finish_part(file.path, compared)

    def _log(self, run: str, files: Sequence[FinishedFile], now: datetime) -> None:
        """Append the run's line, for readers that follow the folder as if a crawl had written it."""
        if not files:
            return
        self.tally.runs += 1
        relative = tuple(
            FinishedFile(Path(file.path).relative_to(self._target).as_posix(), file.lines, file.sha256)
            for file in files
        )
        count = sum(file.lines for file in relative if file.path.startswith("articles/"))
        line = RunLine(
            run, rfc3339(run_start(run)), rfc3339(now), "recleaned", 0, "recleaned", "", {}, count, files=relative
        )
        append_run(self._target, line)


def _rules_of(site: str) -> SiteRules | None:
    profile = find_profile(site)
    return profile.rules() if profile else None
