"""Write a run's line to DATA_DIR/runs.jsonl when its spider has closed, with the times that hosts took."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, Spider, signals
from scrapy.utils.httpobj import urlparse_cached

from crawler.extensions.run_state import RunState
from crawler.extensions.site_monitor import SiteMonitor
from crawler.run import run_stats
from crawler.run.clock import clock_from
from crawler.run.outcome import outcome_of
from crawler.run.run_options import options_of
from output.records.timestamps import rfc3339
from output.runs.run_log import HostTimes, RunLine, append_run, run_start

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.statscollectors import StatsCollector

_HOSTS = "winnow/hosts"

logger = logging.getLogger(__name__)


class HostTimer:
    """Count responses and the seconds until they began, by host, as one value of Scrapy's stats: hosts may be thousands."""

    def __init__(self, stats: StatsCollector):
        self._times: dict[str, HostTimes] = {}
        stats.set_value(_HOSTS, self._times)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        timer = cls(crawler.stats)
        crawler.signals.connect(timer.answered, signal=signals.response_downloaded)
        return timer

    def answered(self, response: Response, request: Request) -> None:  # noqa: ARG002
        seconds, host = request.meta.get("download_latency"), urlparse_cached(request).hostname
        if seconds is not None and host:
            so_far = self._times.get(host, HostTimes(0, 0.0, 0.0))
            self._times[host] = HostTimes(so_far.answers + 1, so_far.seconds + seconds, max(so_far.slowest, seconds))


def read_host_times(stats: Mapping[str, Any]) -> dict[str, HostTimes]:
    """Return the response times of each host, as counted."""
    found: Mapping[str, HostTimes] = stats.get(_HOSTS, {})
    return {
        host: HostTimes(times.answers, round(times.seconds, 2), round(times.slowest, 2))
        for host, times in sorted(found.items())
    }


class RunJournal:
    """Write the run's line at the end and keep it in `line`, for the summary and the exit code; None if that failed."""

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
        self._crawler.stats.inc_value(run_stats.INTERNAL_ERRORS_KEY)

    def spider_closed(self, spider: Spider, reason: str) -> None:
        if watch := self._crawler.get_extension(SiteMonitor):
            watch.judge()
        stats = self._crawler.stats.get_stats()
        arguments = {name: _as_text(value) for name, value in options_of(self._crawler).arguments.items()}
        line = build_run_line(stats, self._run, spider.name, reason, arguments, clock_from(self._crawler.settings)())
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


def _as_text(argument: str) -> str:
    """Return an argument of the command line, whose bytes may be no text, as text that JSON can hold."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def build_run_line(
    stats: Mapping[str, Any], run: str, spider: str, reason: str, arguments: dict[str, str], end: datetime
) -> RunLine:
    """Build the line of a run that ended at `end` from what it counted."""
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
        articles=stats.get(run_stats.ARTICLES_KEY, 0),
        sites=sites,
        rejects=run_stats.counts_under(stats, run_stats.REJECTS_KEY),
        removed=run_stats.counts_under(stats, run_stats.REMOVED_KEY),
        files=tuple(stats.get(run_stats.FILES_KEY, ())),
        alarms=tuple(stats.get(run_stats.ALARMS_KEY, ())),
        hosts=read_host_times(stats),
    )
