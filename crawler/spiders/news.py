"""Define the spider `news`: find new articles of each site, fetch each once, and hand its pages to the pipeline."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import UTC, datetime
from functools import cached_property
from traceback import format_exc
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, Spider, signals
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from crawler.discovery.base import Candidate, Fetched, SourceError
from crawler.discovery.read_source import ReadingRules
from crawler.discovery.urls import comparison_key, registered_domain
from crawler.download.scrapy_internals import is_closing
from crawler.extensions.run_state import frontier_of
from crawler.extensions.site_monitor import SiteMonitor
from crawler.frontier.site_frontier import SiteFrontier, conditional_headers
from crawler.rendering.requirements import require_rendering
from crawler.requests.request_info import ARTICLE, as_meta
from crawler.run.crawl_workers import workers_of
from crawler.run.run_options import at_work, options_of
from crawler.run.run_stats import SiteStats
from crawler.sites.profile_loader import ProfileIndex, find_profile, load_profiles
from crawler.spiders.arguments import read_arguments
from crawler.spiders.article_fetch import ArticleFetch
from crawler.spiders.article_pages import ArticlePages
from crawler.spiders.concurrency import InFlightLimit, merge_streams, release_dropped
from crawler.spiders.responses import rejection_of
from crawler.spiders.site_crawl import SiteCrawl
from crawler.workers.read_task import warm_up_reading
from output.state import StateError
from output.state.schema import url_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.crawler import Crawler

    from crawler.frontier.frontier import Frontier
    from crawler.items import FailedPage, FetchedPage, RepeatedPage, UnchangedPage
    from crawler.sites.profile import SiteProfile

    _Result = FetchedPage | FailedPage | UnchangedPage | RepeatedPage | Request

# Sites whose sources are read at the same time; one site's sources are read one after the other.
_MAX_DISCOVERIES = 64
# Articles of `urls=FILE` in flight. High, so that many URLs of one host in a row do not hold up the other hosts.
_MAX_LISTED_IN_FLIGHT = 5000


class NewsSpider(Spider):
    """Crawls sites, and yields the outcome of each article: FetchedPage, FailedPage, UnchangedPage or RepeatedPage.

    Arguments: `sites` (profile ids), `start` (URLs of sites without a profile), `urls` (a file of article URLs, or `-`),
    `since`, `limit`, and `budget`, which the crawl command reads. Raises SpiderArgumentError or ProfileError.
    """

    name = "news"

    def __init__(self, name: str | None = None, **given: Any):
        super().__init__(name)
        self.arguments = read_arguments(given, datetime.now(UTC))
        arguments = self.arguments
        uses_profiles = arguments.sites is not None or not (arguments.start or arguments.urls)
        self._profiles = load_profiles(arguments.sites) if uses_profiles else []
        self._owners = ProfileIndex(load_profiles() if arguments.urls else ())
        self._sites: dict[str, SiteCrawl] = {}
        self._requested: set[int] = set()  # keys of the URLs requested in this run

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Create the spider. Raises RenderingError where it needs a browser that is not installed."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        owners = map(spider._owners.owner_of, spider.arguments.urls)
        require_rendering([*spider._profiles, *owners], crawler.settings["CHROMIUM"])
        crawler.signals.connect(release_dropped, signals.request_dropped)
        if not spider.arguments.urls:
            warm_up_reading()  # before the event loop turns
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Yield requests for articles as they are found. Sites are searched side by side."""
        if self.arguments.urls:
            async for request in self._listed_requests():
                yield request
            return
        workers_of(self.crawler).expect_reading()
        sites = [self._add(self._site_of_profile(profile)) for profile in self._profiles]
        sites += [self._site_of_start_url(url) for url in self.arguments.start]
        async for found in merge_streams([self._requests_of(site) for site in sites], max_running=_MAX_DISCOVERIES):
            yield found

    async def _listed_requests(self) -> AsyncIterator[Request]:
        """Yield requests for the articles of `urls=FILE` that have no record yet."""
        limit = InFlightLimit(_MAX_LISTED_IN_FLIGHT)
        listed = [(self._site_owning(url), Candidate(url)) for url in self.arguments.urls]
        by_site: dict[str, list[Candidate]] = {}
        for site, candidate in listed:
            by_site.setdefault(site.id, []).append(candidate)
        wanted = self._frontier.select_requested(by_site)
        articles = deque(ArticleFetch(site, candidate) for site, candidate in listed if candidate in wanted)
        del listed, by_site, wanted  # a list may be long: free each article once it is requested
        while articles:
            request = self._article_request(articles.popleft())
            if request is not None:
                yield await self._admit(request, limit)

    def _site_owning(self, url: str) -> SiteCrawl:
        profile = self._owners.owner_of(url)
        site_id = profile.id if profile else registered_domain(url)
        if site_id not in self._sites:
            self._add(self._site_of_profile(profile) if profile else self._site_of_start_url(url))
        return self._sites[site_id]

    def _site_of_profile(self, profile: SiteProfile) -> SiteCrawl:
        self._monitor(profile)
        return SiteCrawl.from_profile(profile, self._stats_of(profile.id))

    def _site_of_start_url(self, url: str) -> SiteCrawl:
        site_id = registered_domain(url)
        if known := find_profile(site_id):
            self._monitor(known)
        return SiteCrawl.from_url(url, self._stats_of(site_id), known)

    def _monitor(self, profile: SiteProfile) -> None:
        if monitor := self.crawler.get_extension(SiteMonitor):
            monitor.expect(profile)

    def _add(self, site: SiteCrawl) -> SiteCrawl:
        return self._sites.setdefault(site.id, site)

    @cached_property
    def _pages(self) -> ArticlePages:
        return ArticlePages(self._requested, workers_of(self.crawler), options_of(self.crawler).loop)

    @cached_property
    def _frontier(self) -> Frontier:
        return frontier_of(self.crawler)

    def _stats_of(self, site_id: str) -> SiteStats:
        assert self.crawler.stats is not None
        return SiteStats(self.crawler.stats, site_id)

    async def _requests_of(self, site: SiteCrawl) -> AsyncIterator[Request | FailedPage]:
        limit = self.arguments.limit
        try:
            async for article in self._articles_of(site):
                if refused := article.refused_unasked():
                    yield refused
                elif request := self._article_request(article):
                    yield await self._admit(request, site.in_flight)
                if limit is not None and site.requested >= limit:
                    return
        except StateError:
            return  # the run is ending, and has already reported why

    async def _admit(self, request: Request, limit: InFlightLimit) -> Request:
        """Return the request once there is a place for it."""
        await limit.acquire()
        limit.attach(request)
        return request

    async def _articles_of(self, site: SiteCrawl) -> AsyncIterator[ArticleFetch]:
        """Yield a site's articles to fetch: first new ones from its sources, then the backlog, then revisits."""
        since = self.arguments.since
        frontier = site.open_frontier(self._frontier, since)

        async def fetch(url: str, kind: str) -> Fetched:
            return await self._fetch_source(site, frontier, url, kind)

        workers = workers_of(self.crawler)
        rules = ReadingRules(since, self.arguments.limit, workers.reading_seconds)
        discovery = site.discovery(fetch, workers.read, frontier, rules)
        sources = site.profile.sources_by_key if site.profile else {}
        found = discovery.from_start_page(site.start) if site.start else discovery.from_sources(sources)
        try:
            async for candidate in found:
                yield ArticleFetch(site, candidate)
        except StateError:
            raise
        except Exception as error:  # whatever it is, it is this site's
            site.stats.failed(f"the search for its articles failed: {error!r}", format_exc())
        for candidate in self._frontier.load_backlog(site.id, since):
            yield ArticleFetch(site, candidate)
        for candidate, revisit in self._frontier.load_revisits(site.id):
            yield ArticleFetch(site, candidate, revisit)

    def _article_request(self, article: ArticleFetch) -> Request | None:
        """Return the request for an article, or None if this run has requested it already."""
        site, revisit = article.site, article.revisit
        with at_work(self.crawler, site.id, f"requesting {article.url}"):
            key = url_key(comparison_key(article.url))
        if key in self._requested:
            return None
        self._requested.add(key)
        site.stats.count("revisits" if revisit else "candidates")
        site.requested += 1
        meta = as_meta(site.request_info(ARTICLE))
        if revisit:
            meta["handle_httpstatus_list"] = [304]
        headers = None
        if revisit and not site.renders:  # a rendered page's HTML may stay the same while its text changes
            headers = conditional_headers(revisit.etag, revisit.last_modified)
        return Request(
            article.url,
            callback=self._pages.parse_first,
            errback=self._pages.first_failed,
            headers=headers,
            meta=meta,
            cb_kwargs={"article": article},
            dont_filter=True,  # filtered above, by comparison keys
        )

    async def _fetch_source(self, site: SiteCrawl, frontier: SiteFrontier, url: str, kind: str) -> Fetched:
        engine = self.crawler.engine
        assert engine is not None
        if self._is_ending():
            raise asyncio.CancelledError
        headers = frontier.request_headers(url)
        meta = as_meta(site.request_info(kind))
        request = Request(url, callback=NO_CALLBACK, headers=headers, meta=meta, dont_filter=True)
        try:
            response = await engine.download_async(request)
        except Exception as error:
            if self._is_ending():
                raise asyncio.CancelledError from None  # the run dropped the request; the source did not fail
            detail = rejection_of(error).detail
            raise SourceError(detail) from (None if isinstance(error, IgnoreRequest) else error)
        finally:
            site.add_sitemaps(request)
        if response.request is not None:  # after redirects, not the one that was sent
            site.add_sitemaps(response.request)
        if response.status != 200 and not (response.status == 304 and headers):
            raise SourceError(f"HTTP {response.status}", response.status)
        fetched = frontier.to_fetched(url, response)
        if url == site.start:
            site.add_domain_of(fetched.url)
        return fetched

    def _is_ending(self) -> bool:
        return is_closing(self.crawler.engine)
