"""What the spider counts of each site, in Scrapy's stats under `winnow/site/<site>/`:

    sources          feeds, sitemaps, section and start pages that were asked and should have answered (no guesses)
    failed_sources   those of them that gave nothing: an error, not allowed, not what they should be
    gone             sitemaps that an index names and that are 404 or 410
    candidates       articles found and asked for, each once a run
    known            articles found that earlier runs know, or that wait for their next attempt
    unchanged_sources  sources that answered that nothing has changed since they were last read
    revisits         articles of earlier runs that were asked for again, to see whether they changed
    unchanged        those of them that had not
    too_old          articles found that are older than `since`
    fetched          article pages that came, each handed to the pipeline
    refused          articles that gave no page, each with its reason handed to the pipeline
    repeated         answers that turned out to be an article fetched before, dropped
    incomplete       articles of several pages of which one could not be had
    source_problems  lines of trouble with sources that answered: bad dates, entries without a link, a truncated end

A site failed where no source answered, or every article asked for was refused.
"""

from __future__ import annotations

import logging

from scrapy.statscollectors import StatsCollector

from crawler.run_stats import site_key

logger = logging.getLogger(__name__)

# After so many warnings about one site the rest is only counted.
_MAX_WARNINGS = 20


class SiteStats:
    """Counts for one site, and warns of what a person should look at."""

    def __init__(self, stats: StatsCollector, site: str):
        self._stats, self._site, self._warnings = stats, site, 0

    def count(self, name: str, by: int = 1) -> None:
        """One more of `name`, a key of this module's docstring; or so many."""
        if by:
            self._stats.inc_value(site_key(self._site, name), by)

    def source_ok(self, url: str) -> None:
        """A source answered with what it should be."""
        self.count("sources")
        logger.info("%s: read %s", self._site, url)

    def source_failed(self, url: str, detail: str) -> None:
        """A source gave nothing; `detail` says why."""
        self.count("sources")
        self.count("failed_sources")
        self._warn(f"source gave nothing: {detail}" if url in detail else f"source gave nothing: {detail}: {url}")

    def gone(self, url: str) -> None:
        """A child of a sitemap index is no longer there: old ones are taken away, and the index names them still."""
        self.count("gone")
        logger.info("%s: gone: %s", self._site, url)

    def problem(self, detail: str) -> None:
        """A source answered, but not all of it can be used."""
        self.count("source_problems")
        self._warn(detail)

    def too_old(self) -> None:
        """An article was found that is older than `since`."""
        self.count("too_old")

    def _warn(self, text: str) -> None:
        self._warnings += 1
        if self._warnings <= _MAX_WARNINGS:
            logger.warning("%s: %s", self._site, text)
        elif self._warnings == _MAX_WARNINGS + 1:
            logger.warning("%s: further warnings about this site are only counted", self._site)
