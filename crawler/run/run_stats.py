"""Count what a run does, in Scrapy's stats: keys are `winnow/...`, those of a site `winnow/site/<site>/...`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from crawler.run.clock import clock_from
from output.records.article import Article, Reject
from output.runs.run_log import SiteCounts, new_run_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

    from crawler.discovery.base import BrokenReadingError

RUN_KEY = "winnow/run/id"
SIGNAL_KEY = "winnow/run/signal"
EXIT_CODE_KEY = "winnow/run/exit_code"
FILES_KEY = "winnow/run/files"
ALARMS_KEY = "winnow/run/alarms"
INTERNAL_ERRORS_KEY = "winnow/run/internal_errors"
ARTICLES_KEY = "winnow/articles"
REJECTS_KEY = "winnow/rejects"
REMOVED_KEY = "winnow/removed"
_SITE = "winnow/site/"

logger = logging.getLogger(__name__)

# After so many warnings about one site the rest is only counted.
_MAX_WARNINGS = 20


def run_of(crawler: Crawler) -> str:
    """Return the id of a crawler's run; the first caller creates it."""
    run = crawler.stats.get_value(RUN_KEY)
    if run is None:
        run = new_run_id(clock_from(crawler.settings)())
        crawler.stats.set_value(RUN_KEY, run)
    return str(run)


def site_key(site: str, name: str) -> str:
    """Return the stats key of one count of a site."""
    return f"{_SITE}{site}/{name}"


def count_record(stats: StatsCollector, site: str, record: Article | Reject, *, again: bool = False) -> None:
    """Count a written record for the run and for its site. `again`: an earlier run already reported a failure of its URL."""
    if isinstance(record, Article):
        stats.inc_value(ARTICLES_KEY)
        stats.inc_value(site_key(site, "articles"))
        for kind, count in record.removed.items():
            stats.inc_value(f"{REMOVED_KEY}/{kind}", count)
    else:
        stats.inc_value(f"{REJECTS_KEY}/{record.reason}")
        stats.inc_value(site_key(site, "rejects"))
        if not again:
            stats.inc_value(site_key(site, "new_rejects"))
            stats.inc_value(site_key(site, "failed_pages"), record.reason.is_site_fault)


def site_counts(stats: Mapping[str, Any]) -> dict[str, SiteCounts]:
    """Return the counts of each site."""
    sites: dict[str, dict[str, int]] = {}
    for key, value in stats.items():
        if key.startswith(_SITE):
            site, _, name = key.removeprefix(_SITE).rpartition("/")
            sites.setdefault(site, {})[name] = value
    return {site: _counts(numbers) for site, numbers in sorted(sites.items())}


def _counts(numbers: Mapping[str, int]) -> SiteCounts:
    sources, silent = numbers.get("sources", 0), numbers.get("failed_sources", 0)
    articles, rejects = numbers.get("articles", 0), numbers.get("rejects", 0)
    no_source_answered = 0 < sources <= silent and not numbers.get("candidates")
    every_page_failed = not articles and 0 < numbers.get("new_rejects", 0) == numbers.get("failed_pages", 0)
    return SiteCounts(
        candidates=numbers.get("candidates", 0),
        fetched=numbers.get("fetched", 0),
        articles=articles,
        rejects=rejects,
        sources=sources,
        failed_sources=silent,
        failed=no_source_answered or every_page_failed or "errors" in numbers,
    )


def counts_under(stats: Mapping[str, Any], prefix: str) -> dict[str, int]:
    """Return the counts whose keys are `<prefix>/<name>`, by name, largest first."""
    start = f"{prefix}/"
    found = {key.removeprefix(start): value for key, value in stats.items() if key.startswith(start)}
    return dict(sorted(found.items(), key=lambda count: (-count[1], count[0])))


class SiteStats:
    """Count for one site, and log what a person should look at."""

    def __init__(self, stats: StatsCollector, site: str):
        self._stats, self._site, self._warnings = stats, site, 0

    def count(self, name: str, by: int = 1) -> None:
        """Add to the count of `name`, one of the keys that `site_counts` reads."""
        if by:
            self._stats.inc_value(site_key(self._site, name), by)

    def source_ok(self, url: str) -> None:
        """Count a source that answered as it should."""
        self.count("sources")
        logger.info("%s: read %s", self._site, url)

    def source_failed(self, url: str, detail: str) -> None:
        """Count a source that gave nothing; `detail` says why."""
        self.count("sources")
        self.count("failed_sources")
        self._warn(f"source gave nothing: {detail}" if url in detail else f"source gave nothing: {detail}: {url}")

    def source_broke_reader(self, url: str, error: BrokenReadingError) -> None:
        """Count a source that cost too much or made its reader fail: the site has failed, its other sources go on."""
        self.count("sources")
        self.count("failed_sources")
        self.failed(f"source cannot be read: {error}: {url}", error.traceback)

    def failed(self, detail: str, traceback: str = "") -> None:
        """Count something of the site that broke our work on it."""
        self.count("errors")
        self._warn(f"{detail}\n{traceback}" if traceback else detail)

    def child_gone(self, url: str) -> None:
        """Count a child of a sitemap index that no longer exists: sites delete old ones while the index still lists them."""
        self.count("gone")
        logger.info("%s: gone: %s", self._site, url)

    def source_problem(self, detail: str) -> None:
        """Log that a source answered, but part of it is unusable."""
        self.count("source_problems")
        self._warn(detail)

    def articles_too_old(self, count: int) -> None:
        """Count articles that are older than `since`."""
        self.count("too_old", count)

    def _warn(self, text: str) -> None:
        self._warnings += 1
        if self._warnings <= _MAX_WARNINGS:
            logger.warning("%s: %s", self._site, text)
        elif self._warnings == _MAX_WARNINGS + 1:
            logger.warning("%s: further warnings about this site are only counted", self._site)
