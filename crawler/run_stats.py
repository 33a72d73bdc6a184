"""What a run counts, kept in Scrapy's stats; keys are `winnow/...`, those of a site `winnow/site/<site>/...`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from crawler.clock import clock_of
from output.article import Article, Reject
from output.runs import SiteCounts, new_run_id

RUN = "winnow/run/id"
SIGNAL = "winnow/run/signal"
EXIT_CODE = "winnow/run/exit_code"
FILES = "winnow/run/files"
ALARMS = "winnow/run/alarms"
INTERNAL_ERRORS = "winnow/run/internal_errors"
ARTICLES = "winnow/articles"
REJECTS = "winnow/rejects"
REMOVED = "winnow/removed"
_SITE = "winnow/site/"


def run_of(crawler: Crawler) -> str:
    """The name of the run that a crawler makes; the first who asks names it."""
    run = crawler.stats.get_value(RUN)
    if run is None:
        run = new_run_id(clock_of(crawler.settings)())
        crawler.stats.set_value(RUN, run)
    return str(run)


def site_key(site: str, name: str) -> str:
    """The key of one count of a site."""
    return f"{_SITE}{site}/{name}"


def count_record(stats: StatsCollector, site: str, record: Article | Reject, *, again: bool = False) -> None:
    """Count a record that was written: for the run, and for its site. `again`: its URL failed in an earlier run, too,
    which has told of it."""
    if isinstance(record, Article):
        stats.inc_value(ARTICLES)
        stats.inc_value(site_key(site, "articles"))
        for kind, count in record.removed.items():
            stats.inc_value(f"{REMOVED}/{kind}", count)
    else:
        stats.inc_value(f"{REJECTS}/{record.reason}")
        stats.inc_value(site_key(site, "rejects"))
        if not again:
            stats.inc_value(site_key(site, "new_rejects"))
            stats.inc_value(site_key(site, "failed_pages"), record.reason.is_site_fault)


def site_counts(stats: Mapping[str, Any]) -> dict[str, SiteCounts]:
    """What each site gave, by site."""
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
        failed=no_source_answered or every_page_failed,
    )


def counts_under(stats: Mapping[str, Any], prefix: str) -> dict[str, int]:
    """The counts whose keys are `<prefix>/<name>`, by name, largest first."""
    start = f"{prefix}/"
    found = {key.removeprefix(start): value for key, value in stats.items() if key.startswith(start)}
    return dict(sorted(found.items(), key=lambda count: (-count[1], count[0])))
