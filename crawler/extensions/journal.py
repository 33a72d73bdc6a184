"""Keeps the journal: when a spider has closed, one line in DATA_DIR/runs.jsonl says what the run did."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from crawler import run_stats
from crawler.clock import clock_of
from crawler.extensions.host_times import host_times
from crawler.extensions.run_state import RunState
from crawler.extensions.watch import Watch
from crawler.outcome import outcome_of
from crawler.records import rfc3339
from crawler.run.run_options import options_of
from output.runs import RunLine, append_run, run_start

logger = logging.getLogger(__name__)


class RunJournal:
    """Writes the run's line at the end and keeps it in `line`, for the summary and the exit code; None if it failed."""

    def __init__(self, crawler: Crawler):
        self.line: RunLine | None = None
        self._crawler = crawler
        self._run = run_stats.run_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        journal = cls(crawler)
        crawler.signals.connect(journal.item_error, signal=signals.item_error)
        crawler.signals.connect(journal.spider_closed, signal=signals.spider_closed)
        return journal

    def item_error(self) -> None:
        self._crawler.stats.inc_value(run_stats.INTERNAL_ERRORS)

    def spider_closed(self, spider: Spider, reason: str) -> None:
        if watch := self._crawler.get_extension(Watch):
            watch.judge()
        stats = self._crawler.stats.get_stats()
        arguments = dict(options_of(self._crawler).arguments)
        line = run_line(stats, self._run, spider.name, reason, arguments, clock_of(self._crawler.settings)())
        data_dir = Path(self._crawler.settings["DATA_DIR"])
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            append_run(data_dir, line)
        except OSError as error:
            logger.error("%s: the run's line cannot be written: %s", data_dir, error.strerror or error)
        else:
            self.line = line
            if held := self._crawler.get_extension(RunState):
                held.finish_run()


def run_line(
    stats: Mapping[str, Any], run: str, spider: str, reason: str, arguments: dict[str, str], end: datetime
) -> RunLine:
    """The line of a run that ended at `end`, from what it counted."""
    sites = run_stats.site_counts(stats)
    outcome = outcome_of(stats, sites, reason)
    return RunLine(
        run=run,
        start=rfc3339(run_start(run)),
        end=rfc3339(end),
        outcome=outcome.name,
        exit_code=outcome.exit_code,
        reason=reason,
        spider=spider,
        arguments=arguments,
        articles=stats.get(run_stats.ARTICLES, 0),
        sites=sites,
        rejects=run_stats.counts_under(stats, run_stats.REJECTS),
        removed=run_stats.counts_under(stats, run_stats.REMOVED),
        files=tuple(stats.get(run_stats.FILES, ())),
        alarms=tuple(stats.get(run_stats.ALARMS, ())),
        hosts=host_times(stats),
    )
