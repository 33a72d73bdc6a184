"""Restrict the run's frontier to one site, for the discovery of its articles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.discovery.base import Candidate, Fetched
from crawler.requests.response_headers import content_type, header_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scrapy.http import Response

    from crawler.frontier.frontier import Frontier
    from crawler.run.run_stats import SiteStats


@dataclass(frozen=True, slots=True)
class SiteFrontier:
    """Select and record one site's URLs; implements `SeenFilter`.

    `scope` identifies the rules that choose the site's articles: a source that was read under other rules is read again.
    """

    frontier: Frontier
    stats: SiteStats
    site: str
    scope: str
    since: datetime | None = None

    def select_due(self, found: Sequence[Candidate], source: str) -> Sequence[Candidate]:
        """Return the candidates to fetch of those that `source` lists, and count the known ones."""
        due = self.frontier.select_due(self.site, found, source)
        self.stats.count("known", len(found) - len(due))
        return due

    def record_read(self, page: Fetched, listed: int, *, names_sources: bool) -> None:
        """Record that a source was read to its end."""
        self.frontier.record_source_read(self.site, page, listed, self.scope, self.since, keep=names_sources)

    def request_headers(self, url: str) -> dict[str, str]:
        """Return the headers of a conditional request for a source; {} if it must be read in any case."""
        known = self.frontier.find_source(url, self.scope, self.since)
        return conditional_headers(known.etag, known.last_modified) if known else {}

    def to_fetched(self, url: str, response: Response) -> Fetched:
        """Return a source's response as `Fetched`; for a 304, as what is stored of it. `url` is the one requested."""
        known = self.frontier.find_source(url, self.scope, self.since) if response.status == 304 else None
        if known is None:
            etag, modified = header_text(response, "ETag"), header_text(response, "Last-Modified")
            return Fetched(response.url, response.body, content_type(response), url, etag, modified)
        self.stats.count("unchanged_sources")
        self.frontier.record_source_unchanged(url)
        if known.body is not None:
            return Fetched(known.found_at, known.body, known.content_type, url, replayed=True)
        return Fetched(known.found_at, b"", known.content_type, url, unchanged=known.listed)


def conditional_headers(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """Return the headers of a conditional request (RFC 9110, section 13.1)."""
    sent = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in sent.items() if value}
