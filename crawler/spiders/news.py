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

from cleaners.rejection import Rejection, RejectReason
from crawler.discovery.base import BrokenReadingError, Candidate, Fetched, SourceError
from crawler.discovery.pagination import find_next_page, page_number
from crawler.discovery.read_source import ReadingRules
from crawler.discovery.urls import comparison_key, registered_domain
from crawler.download.scrapy_internals import is_closing
from crawler.extensions.run_state import frontier_of
from crawler.extensions.site_monitor import SiteMonitor
from crawler.frontier.site_frontier import SiteFrontier, conditional_headers
from crawler.rendering.requirements import require_rendering
from crawler.requests.request_info import ARTICLE, as_meta
from crawler.requests.response_headers import content_type
from crawler.run.crawl_workers import workers_of
from crawler.run.run_stats import SiteStats
from crawler.sites.profile_loader import ProfileIndex, find_profile, load_profiles
from crawler.spiders.arguments import read_arguments
from crawler.spiders.article_fetch import ArticleFetch
from crawler.spiders.concurrency import InFlightLimit, merge_streams, release_dropped
from crawler.spiders.responses import rejection_of, why_not_html
from crawler.spiders.site_crawl import SiteCrawl
from output.state import StateError
from output.state.schema import url_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.frontier.frontier import Frontier
    from crawler.items import FailedPage, FetchedPage, RepeatedPage, UnchangedPage
    from crawler.sites.profile import SiteProfile

    _Result = FetchedPage | FailedPage | UnchangedPage | RepeatedPage | Request

# Sites whose sources are read at the same time; one site's sources are read one after the other.
_MAX_DISCOVERIES = 64
# Articles of `urls=FILE` in flight. High, so that many URLs of one host in a row do not hold up the other hosts.
_MAX_LISTED_IN_FLIGHT = 5000
# Of all pages of one article; they are held until its last one is there.
_MAX_ARTICLE_BYTES = 20 * 1024 * 1024


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
        self._reached: set[int] = set()  # keys of the URLs at which articles were found, after redirects

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Create the spider. Raises RenderingError where it needs a browser that is not installed."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        owners = map(spider._owners.owner_of, spider.arguments.urls)
        require_rendering([*spider._profiles, *owners], crawler.settings["CHROMIUM"])
        crawler.signals.connect(release_dropped, signals.request_dropped)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Yield requests for articles as they are found. Sites are searched side by side."""
        if self.arguments.urls:
            async for request in self._listed_requests():
                yield request
            return
        sites = [self._add(self._site_of_profile(profile)) for profile in self._profiles]
        sites += [self._site_of_start_url(url) for url in self.arguments.start]
        async for request in merge_streams([self._requests_of(site) for site in sites], max_running=_MAX_DISCOVERIES):
            yield request

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
    def _frontier(self) -> Frontier:
        return frontier_of(self.crawler)

    def _stats_of(self, site_id: str) -> SiteStats:
        assert self.crawler.stats is not None
        return SiteStats(self.crawler.stats, site_id)

    async def _requests_of(self, site: SiteCrawl) -> AsyncIterator[Request]:
        limit = self.arguments.limit
        try:
            async for article in self._articles_of(site):
                request = self._article_request(article)
                if request is not None:
                    yield await self._admit(request, site.in_flight)
                if limit is not None and site.requested >= limit:
                    return
        except StateError:
            return  # the run is ending, and has already reported why

    async def _admit(self, request: Request, limit: InFlightLimit) -> Request:
        """Return the request once there is a place for it.

        An overlong URL takes no place, because Scrapy drops it without a signal that would free the place.
        """
        max_length = self.settings.getint("URLLENGTH_LIMIT")
        if not max_length or len(request.url) <= max_length:
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
            callback=self.parse_article,
            errback=self.article_failed,
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

    async def parse_article(self, response: Response, article: ArticleFetch) -> list[_Result]:
        """Return the outcome of an article, or a request for its next page if it continues on one."""
        return await self._result_of(article, self._parse_first_page(response, article))

    async def parse_next_page(
        self, response: Response, article: ArticleFetch, first: Response, more: tuple[Response, ...]
    ) -> list[_Result]:
        """Add one more page to an article."""
        return await self._result_of(article, self._parse_next_page(response, article, first, more))

    async def _result_of(self, article: ArticleFetch, parsing: Coroutine[Any, Any, _Result]) -> list[_Result]:
        """Return what the parsing of an article's page gave. Whatever it raises is a failure of this article's site."""
        try:
            return [await parsing]
        except asyncio.CancelledError:  # the run is ending; the next one takes the article
            return []
        except Exception as error:
            article.site.stats.failed(f"{article.url}: {error!r}", format_exc())
            return [article.failed(rejection_of(error))]

    async def _parse_first_page(self, response: Response, article: ArticleFetch) -> _Result:
        if response.status == 304 and article.revisit is not None:
            return article.unchanged(article.revisit)
        rejection = why_not_html(response)
        if rejection is None and (why := article.site.why_not_article(article.url, response.url)):
            rejection = Rejection(RejectReason.NOT_ARTICLE, why, response.status)
        if rejection is not None:
            return article.failed(rejection)
        key = url_key(comparison_key(response.url))
        if key in self._reached:
            return article.repeated()
        self._reached.add(key)
        return await self._continue_article(response, article, response, ())

    async def _parse_next_page(
        self, response: Response, article: ArticleFetch, first: Response, more: tuple[Response, ...]
    ) -> _Result:
        number = len(more) + 2
        is_that_page = page_number(response.url, first.url) == number and why_not_html(response) is None
        known = [page.body for page in (first, *more)]
        if not is_that_page or response.body in known or sum(map(len, (*known, response.body))) > _MAX_ARTICLE_BYTES:
            article.site.stats.count("incomplete")
            return article.fetched(first, more)
        return await self._continue_article(response, article, first, (*more, response))

    async def _continue_article(
        self, response: Response, article: ArticleFetch, first: Response, more: tuple[Response, ...]
    ) -> _Result:
        """Return the request for the page that follows `response`, the last of an article so far, or else the article."""
        number = len(more) + 1
        try:
            url = await workers_of(self.crawler).read(
                find_next_page, response.body, content_type(response), response.url, first.url, number
            )
        except BrokenReadingError as error:
            article.site.stats.source_problem(f"the links of {response.url} cannot be read: {error}")
            url = None
        if url is None:
            return article.fetched(first, more)
        self._requested.add(url_key(comparison_key(url)))
        return Request(
            url,
            callback=self.parse_next_page,
            errback=self.next_page_failed,
            meta=as_meta(article.site.request_info(ARTICLE)),
            cb_kwargs={"article": article, "first": first, "more": more},
            priority=10,  # finish this article before the next one
            dont_filter=True,
        )

    def article_failed(self, failure: Failure) -> Iterator[FailedPage]:
        """Yield the failure of an article that could not be downloaded."""
        article: ArticleFetch = failure.request.cb_kwargs["article"]  # type: ignore[attr-defined]
        yield article.failed(rejection_of(failure.value))

    def next_page_failed(self, failure: Failure) -> Iterator[FetchedPage]:
        """Yield an article without the page that could not be downloaded, and without those after it."""
        kwargs = failure.request.cb_kwargs  # type: ignore[attr-defined]
        article: ArticleFetch = kwargs["article"]
        stats = article.site.stats
        stats.source_problem(f"page {len(kwargs['more']) + 2} of {article.url}: {rejection_of(failure.value).detail}")
        stats.count("incomplete")
        yield article.fetched(kwargs["first"], kwargs["more"])
