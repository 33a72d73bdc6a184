"""One site of a run: what is its own, what may still be asked of it, and how its answers are judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.discovery.urls import canonicalize, comparison_key, registered_domain
from crawler.frontier.site_frontier import SiteFrontier
from crawler.requests.request_info import ARTICLE, RequestInfo, info_of
from crawler.spiders.concurrency import InFlightLimit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from scrapy import Request

    from cleaners.page import SiteRules
    from crawler.discovery.base import FetchSource, SeenFilter
    from crawler.discovery.source_discovery import SourceDiscovery
    from crawler.frontier.frontier import Frontier
    from crawler.run.run_stats import SiteStats
    from crawler.sites.profile import SiteProfile

# Articles of one site that wait to be fetched at any time; a sitemap of 50,000 is read no faster than that.
MAX_WAITING = 200
# The version of the rules by which articles are found: sources that were read by other ones are read again.
_RULES = 1


@dataclass(slots=True)
class SiteCrawl:
    """A profile's site, or one that was only named by a URL. `domains` are those an answer may come from.

    `profile` says where its articles are found, `rules` what is known of its pages. One that was named by a URL may have
    `rules` all the same.
    """

    id: str
    domains: tuple[str, ...]
    stats: SiteStats
    profile: SiteProfile | None = None
    start: str | None = None
    robots_sitemaps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    requested: int = 0
    limit: InFlightLimit = field(default_factory=lambda: InFlightLimit(MAX_WAITING))
    rules: SiteRules | None = None

    @classmethod
    def of_profile(cls, profile: SiteProfile, stats: SiteStats) -> SiteCrawl:
        start = None if profile.sources else f"https://{profile.domains[0]}/"
        return cls(profile.id, profile.domains, stats, profile, start, rules=profile.rules())

    @classmethod
    def of_url(cls, url: str, stats: SiteStats, known: SiteProfile | None = None) -> SiteCrawl:
        """`known` is the profile of that name: of it, only what it says of pages is used."""
        domain = registered_domain(url)
        return cls(domain, (domain,), stats, start=url, rules=known.rules() if known else None)

    @property
    def renders(self) -> bool:
        """Are its articles built by scripts?"""
        return self.profile is not None and self.profile.render

    def info(self, kind: str) -> RequestInfo:
        """What the middlewares need to know of a request of this kind."""
        delay = self.profile.delay if self.profile else None
        if kind == ARTICLE:
            return RequestInfo(kind, self.domains, self.renders, delay)
        return RequestInfo(kind, delay=delay)

    def books(self, ledger: Frontier, since: datetime | None) -> SiteFrontier:
        """This site's part of the ledger."""
        chosen_by = repr((_RULES, self.profile and (str(self.profile.article), self.profile.domains)))
        return SiteFrontier(ledger, self.stats, self.id, blake2b(chosen_by.encode(), digest_size=8).hexdigest(), since)

    def discovery(
        self, fetch: FetchSource, seen: SeenFilter, since: datetime | None, limit: int | None
    ) -> SourceDiscovery:
        """The search for this site's articles."""
        # With all that reads sources: not for articles that were named.
        from crawler.discovery.source_discovery import SourceDiscovery

        return SourceDiscovery(
            fetch,
            self.stats,
            owns=self.owns,
            is_article=self._is_article if self.profile else None,
            robots_sitemaps=self._sitemaps_of,
            seen=seen,
            since=since,
            limit=limit,
        )

    def owns(self, url: str) -> bool:
        """Is the URL on this site?"""
        return self.profile.owns(url) if self.profile else registered_domain(url) in self.domains

    def moved(self, url: str) -> None:
        """The start page was found at `url`: an outlet that changed its domain is one site with its old one."""
        if self.profile is None and urlsplit(url).path in ("", "/") and not self.owns(url):
            self.domains = (*self.domains, registered_domain(url))

    def strayed(self, asked: str, ended: str) -> str | None:
        """Why the page at `ended` is not the article asked for at `asked`, after redirects; None where it may be."""
        if comparison_key(asked) == comparison_key(ended):
            return None
        if self.profile:
            astray = not self._is_article(ended)
        else:
            from crawler.discovery.url_score import leads_away

            astray = leads_away(asked, ended)
        return f"redirects to {ended}" if astray else None

    def _is_article(self, url: str) -> bool:
        assert self.profile is not None
        return self.profile.is_article(canonicalize(url))

    def add_sitemaps(self, request: Request) -> None:
        """Keeps what the robots middleware learned of the request's host."""
        if named := info_of(request).findings.sitemaps:
            self.robots_sitemaps[urlsplit(request.url).netloc] = named

    def _sitemaps_of(self, url: str) -> Iterable[str]:
        return self.robots_sitemaps.get(urlsplit(url).netloc, ())
