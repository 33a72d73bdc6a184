"""One site's part of the run's frontier, as the search for its articles sees it."""

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
    """`scope` names the rules by which the site's articles are chosen: a source read by others is read again."""

    frontier: Frontier
    stats: SiteStats
    site: str
    scope: str
    since: datetime | None = None

    def select_due(self, found: Sequence[Candidate], source: str) -> Sequence[Candidate]:
        """Those that are to be fetched; `source` listed them."""
        wanted = self.frontier.select_due(self.site, found, source)
        self.stats.count("known", len(found) - len(wanted))
        return wanted

    def record_read(self, page: Fetched, listed: int, *, names_sources: bool) -> None:
        """A source was read to its end."""
        self.frontier.record_source_read(self.site, page, listed, self.scope, self.since, keep=names_sources)

    def request_headers(self, url: str) -> dict[str, str]:
        """What to send along when a source is asked, so that it can say that it has not changed."""
        known = self.frontier.find_source(url, self.scope, self.since)
        return conditional_headers(known.etag, known.last_modified) if known else {}

    def to_fetched(self, url: str, response: Response) -> Fetched:
        """The answer of a source that was asked at `url`."""
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
    """The headers of a conditional request (RFC 9110, section 13.1)."""
    sent = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in sent.items() if value}
