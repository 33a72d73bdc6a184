"""Own the crawl state: give the spider its frontier, and finalize the run."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scrapy import signals

from crawler.extensions.run_ending import end_run
from crawler.frontier.frontier import Frontier
from crawler.frontier.state_settings import run_finalizer, state_url
from crawler.run import run_stats
from crawler.run.clock import Clock, clock_from
from crawler.run.run_options import options_of
from output.state import State, StateError, run_stages
from output.state.retention import delete_old_state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scrapy.crawler import Crawler

    from output.files.finalize import RunFinalizer
    from output.runs.run_log import FinishedFile
    from output.state.commit import CrawlNote

logger = logging.getLogger(__name__)


class RunState:
    """Hold the state of one crawl: `frontier` for the spider, `finalizer` for the files."""

    def __init__(
        self, crawler: Crawler, state: State, finalizer: RunFinalizer, clock: Clock, keep: timedelta, signed: timedelta
    ):
        self._crawler, self.run = crawler, run_stats.run_of(crawler)
        self.state, self.finalizer, self.clock = state, finalizer, clock
        self.frontier = Frontier(state, clock, self.give_up)
        self.before_recording: list[Callable[[], None]] = []  # what must be on the disk before the state knows of it
        self._gave_up = False
        self._keep, self._signed = keep, signed
        self._files_finished = False
        with state.transaction() as connection:
            run_stages.begin_run(connection, self.run, clock())

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        Path(settings["DATA_DIR"]).mkdir(parents=True, exist_ok=True)
        state = State.open(state_url(settings))
        keep, signed = (timedelta(days=settings.getfloat(name)) for name in ("STATE_DAYS", "DUPLICATE_DAYS"))
        held = cls(crawler, state, run_finalizer(settings, state), clock_from(settings), keep, signed)
        crawler.signals.connect(held.engine_stopped, signal=signals.engine_stopped)
        return held

    def give_up(self, error: StateError) -> None:
        """End the run: what it finds from now on could not be kept."""
        self._crawler.stats.inc_value(run_stats.INTERNAL_ERRORS_KEY)
        if not self._gave_up:
            logger.critical("the run ends: %s", error)
            self._gave_up = True
            end_run(self._crawler, "state_failed")

    def finish_files(self, notes: Sequence[CrawlNote]) -> Sequence[FinishedFile]:
        """Commit the run's records and `notes` to the state, then give the files their final names.

        `notes` are about URLs that left no record. Raises OSError or StateError.
        """
        options_of(self._crawler).loop.finish()
        for sync in self.before_recording:
            sync()
        finished = self.finalizer.finalize(self.run, self.clock(), notes)
        self._files_finished = True
        for kind, count in finished.articles.removed.items():
            self._crawler.stats.set_value(f"{run_stats.REMOVED_KEY}/{kind}", count)
        return finished.files

    def finish_run(self) -> None:
        """Mark the run as finished once its line is written. The next run takes over whatever is still unfinished."""
        if not self._files_finished:
            return
        try:
            self.finalizer.mark_finished(self.run, self.clock())
            delete_old_state(self.state, self.run, self.clock(), keep=self._keep, keep_signatures=self._signed)
        except StateError as error:
            logger.error("%s", error)

    def engine_stopped(self) -> None:
        self.state.close()


def frontier_of(crawler: Crawler) -> Frontier:
    """Return the frontier of a crawl; an empty one where the crawl has no state."""
    held = crawler.get_extension(RunState)
    return held.frontier if held else Frontier(None, clock_from(crawler.settings))
