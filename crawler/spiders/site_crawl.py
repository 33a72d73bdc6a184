"""Describe one site of a run: its domains, its requests, and which of its responses may be articles."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.discovery.urls import comparison_key, registered_domain
from crawler.frontier.site_frontier import SiteFrontier
from crawler.requests.request_info import ARTICLE, RequestInfo, info_of
from crawler.sites.site_scope import DomainScope, ProfileScope
from crawler.spiders.concurrency import InFlightLimit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from scrapy import Request

    from cleaners.page import SiteRules
    from crawler.discovery.base import CallReader, FetchSource, SeenFilter, SiteScope
    from crawler.discovery.read_source import ReadingRules
    from crawler.discovery.source_discovery import SourceDiscovery
    from crawler.frontier.frontier import Frontier
    from crawler.run.run_stats import SiteStats
    from crawler.sites.profile import SiteProfile

# Articles of one site in flight. A sitemap of 50,000 entries is read no faster than its articles are fetched.
MAX_IN_FLIGHT = 200
# Increase it when discovery chooses articles by other rules: sources read under an earlier version are read again.
_DISCOVERY_VERSION = 1


@dataclass(slots=True)
class SiteCrawl:
    """A site with a profile, or one known only by a start URL. Responses may come from its `domains` alone.

    `profile` says where to find its articles, `rules` how to clean its pages. A site known by a URL has no `profile`,
    but may have `rules`. `robots_sitemaps` maps each host to the sitemaps that its robots.txt names.
    """

    id: str
    domains: tuple[str, ...]
    stats: SiteStats
    profile: SiteProfile | None = None
    start: str | None = None
    robots_sitemaps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    requested: int = 0
    in_flight: InFlightLimit = field(default_factory=lambda: InFlightLimit(MAX_IN_FLIGHT))
    rules: SiteRules | None = None

    @classmethod
    def from_profile(cls, profile: SiteProfile, stats: SiteStats) -> SiteCrawl:
        """Return the site of a profile. One that names no sources is searched from its home page."""
        start = None if profile.sources else f"https://{profile.domains[0]}/"
        return cls(profile.id, profile.domains, stats, profile, start, rules=profile.rules())

    @classmethod
    def from_url(cls, url: str, stats: SiteStats, known: SiteProfile | None = None) -> SiteCrawl:
        """Return the site of a start URL. Of its profile, `known`, only the rules for pages are used."""
        domain = registered_domain(url)
        return cls(domain, (domain,), stats, start=url, rules=known.rules() if known else None)

    @property
    def renders(self) -> bool:
        """Tell whether its articles are rendered in Chromium."""
        return self.profile is not None and self.profile.render

    def request_info(self, kind: str) -> RequestInfo:
        """Return what the middlewares need to know about a request of this kind."""
        delay = self.profile.delay if self.profile else None
        if kind == ARTICLE:
            return RequestInfo(kind, self.domains, self.renders, delay)
        return RequestInfo(kind, delay=delay)

    def open_frontier(self, frontier: Frontier, since: datetime | None) -> SiteFrontier:
        """Return this site's part of the run's frontier."""
        chosen_by = repr((_DISCOVERY_VERSION, self.profile and (str(self.profile.article), self.profile.domains)))
        scope = blake2b(chosen_by.encode(), digest_size=8).hexdigest()
        return SiteFrontier(frontier, self.stats, self.id, scope, since)

    def discovery(
        self, fetch: FetchSource, call: CallReader, seen_filter: SeenFilter, rules: ReadingRules
    ) -> SourceDiscovery:
        """Return the search for this site's articles."""
        # A run over a list of URLs does not need it.
        from crawler.discovery.source_discovery import SourceDiscovery

        return SourceDiscovery(
            fetch,
            self.stats,
            call=call,
            scope=lambda: self.scope,
            robots_sitemaps=self._sitemaps_of,
            seen_filter=seen_filter,
            rules=rules,
        )

    @property
    def scope(self) -> SiteScope:
        """Return what decides which URLs are this site's."""
        return ProfileScope(self.profile) if self.profile else DomainScope(self.domains)

    def add_domain_of(self, url: str) -> None:
        """Add the domain to which the start page redirected: a site that has moved owns its old and its new domain."""
        if self.profile is None and urlsplit(url).path in ("", "/") and not self.scope.owns(url):
            self.domains = (*self.domains, registered_domain(url))

    def why_not_article(self, requested: str, final: str) -> str | None:
        """Return why the page at `final` is not the article at `requested`, after redirects; None where it may be."""
        if comparison_key(requested) == comparison_key(final):
            return None
        if (is_article := self.scope.is_article) is not None:
            is_other_page = not is_article(final)
        else:
            from crawler.discovery.url_score import is_redirect_elsewhere

            is_other_page = is_redirect_elsewhere(requested, final)
        return f"redirects to {final}" if is_other_page else None

    def add_sitemaps(self, request: Request) -> None:
        """Keep the sitemaps that the robots middleware found for the request's host."""
        if sitemaps := info_of(request).findings.sitemaps:
            self.robots_sitemaps[urlsplit(request.url).netloc] = sitemaps

    def _sitemaps_of(self, url: str) -> Iterable[str]:
        return self.robots_sitemaps.get(urlsplit(url).netloc, ())
