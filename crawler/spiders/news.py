"""The spider: finds new articles of each site, fetches each once, and hands its pages to the pipeline."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, Spider, signals
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from cleaners.rejection import Rejection, RejectReason
from crawler.discovery.base import Candidate, Fetched, SourceError
from crawler.discovery.links import parse_page
from crawler.discovery.pagination import may_continue, next_page, page_number
from crawler.discovery.urls import comparison_key, registered_domain
from crawler.download.scrapy_internals import is_closing
from crawler.extensions.run_state import frontier_of
from crawler.extensions.site_monitor import SiteMonitor
from crawler.frontier.site_frontier import SiteFrontier, conditional_headers
from crawler.rendering.requirements import require_rendering
from crawler.requests.request_info import ARTICLE, as_meta
from crawler.requests.response_headers import content_type
from crawler.run.run_stats import SiteStats
from crawler.sites.profile_loader import ProfileIndex, load_profiles, profile_named
from crawler.spiders.arguments import read_arguments
from crawler.spiders.article_fetch import ArticleFetch
from crawler.spiders.concurrency import InFlightLimit, merge_streams, release_dropped
from crawler.spiders.responses import rejection_of, why_not_html
from crawler.spiders.site_crawl import SiteCrawl
from output.state import StateError
from output.state.schema import url_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.frontier.frontier import Frontier
    from crawler.items import FailedPage, FetchedPage
    from crawler.sites.profile import SiteProfile

# Sites whose sources are being read at the same time; one site alone is asked one thing at a time.
_DISCOVERIES = 64
# Articles of a list given by hand that wait to be fetched: many, for one host's must not hold up the others.
_LISTED = 5000


class NewsSpider(Spider):
    """Yields what became of each article: FetchedPage, FailedPage, UnchangedPage or RepeatedPage.

    Arguments: `sites` (profile ids), `start` (URLs of outlets without a profile), `urls` (a file of article URLs, or
    `-`), `since`, `limit`, `budget` (kept for the crawl command). Raises SpiderArgumentError or ProfileError, each one line.
    """

    name = "news"

    def __init__(self, name: str | None = None, **given: Any):
        super().__init__(name)
        self.arguments = read_arguments(given, datetime.now(UTC))
        arguments = self.arguments
        everything = not (arguments.start or arguments.urls)
        by_name = arguments.sites is not None or everything
        self._profiles = load_profiles(arguments.sites) if by_name else []
        self._owners = ProfileIndex(load_profiles() if arguments.urls else ())
        self._jobs: dict[str, SiteCrawl] = {}
        self._asked: set[int] = set()  # keys of URLs: what was asked for
        self._arrived: set[int] = set()  # and where it was found

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """The spider; raises RenderingError where it would need a browser that cannot be had."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        named = map(spider._owners.of, spider.arguments.urls)
        require_rendering([*spider._profiles, *named], crawler.settings["CHROMIUM"])
        crawler.signals.connect(release_dropped, signals.request_dropped)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Requests for articles, as they are found; sites are searched side by side."""
        if self.arguments.urls:
            async for request in self._requests_by_name():
                yield request
            return
        jobs = [self._add(self._job_of_profile(profile)) for profile in self._profiles]
        jobs += [self._job_of_url(url) for url in self.arguments.start]
        async for request in merge_streams([self._requests_of(job) for job in jobs], at_once=_DISCOVERIES):
            yield request

    async def _requests_by_name(self) -> AsyncIterator[Request]:
        """Requests for the articles that were named, but for those that have a record."""
        limit = InFlightLimit(_LISTED)
        jobs = [(self._job_owning(url), Candidate(url)) for url in self.arguments.urls]
        named: dict[str, list[Candidate]] = {}
        for job, candidate in jobs:
            named.setdefault(job.id, []).append(candidate)
        wanted = self._ledger.named(named)
        articles = deque(ArticleFetch(job, candidate) for job, candidate in jobs if candidate in wanted)
        del jobs, named, wanted  # so that of a long list each is let go of in its turn
        while articles:
            request = self._article_request(articles.popleft())
            if request is not None:
                yield await self._admitted(request, limit)

    def _job_owning(self, url: str) -> SiteCrawl:
        profile = self._owners.of(url)
        site = profile.id if profile else registered_domain(url)
        if site not in self._jobs:
            self._add(self._job_of_profile(profile) if profile else self._job_of_url(url))
        return self._jobs[site]

    def _job_of_profile(self, profile: SiteProfile) -> SiteCrawl:
        self._watch(profile)
        return SiteCrawl.of_profile(profile, self._stats_of(profile.id))

    def _job_of_url(self, url: str) -> SiteCrawl:
        site = registered_domain(url)
        if known := profile_named(site):
            self._watch(known)
        return SiteCrawl.of_url(url, self._stats_of(site), known)

    def _watch(self, profile: SiteProfile) -> None:
        if watch := self.crawler.get_extension(SiteMonitor):
            watch.expect(profile)

    def _add(self, job: SiteCrawl) -> SiteCrawl:
        return self._jobs.setdefault(job.id, job)

    @cached_property
    def _ledger(self) -> Frontier:
        return frontier_of(self.crawler)

    def _stats_of(self, site: str) -> SiteStats:
        assert self.crawler.stats is not None
        return SiteStats(self.crawler.stats, site)

    async def _requests_of(self, job: SiteCrawl) -> AsyncIterator[Request]:
        limit = self.arguments.limit
        try:
            async for article in self._articles_of(job):
                request = self._article_request(article)
                if request is not None:
                    yield await self._admitted(request, job.limit)
                if limit is not None and job.requested >= limit:
                    return
        except StateError:
            return  # the run is ending, and has said why

    async def _admitted(self, request: Request, limit: InFlightLimit) -> Request:
        """The request, once there is a place for it. An overlong URL needs none: Scrapy leaves it out, and tells nobody."""
        longest = self.settings.getint("URLLENGTH_LIMIT")
        if not longest or len(request.url) <= longest:
            await limit.acquire()
            limit.attach(request)
        return request

    async def _articles_of(self, job: SiteCrawl) -> AsyncIterator[ArticleFetch]:
        """What is to be asked of a site: what its sources list and is new, then what earlier runs left to be done."""
        since = self.arguments.since
        books = job.books(self._ledger, since)

        async def fetch(url: str, kind: str) -> Fetched:
            return await self._fetch_source(job, books, url, kind)

        discovery = job.discovery(fetch, books, since, self.arguments.limit)
        sources = job.profile.sources_by_key if job.profile else {}
        found = discovery.from_start(job.start) if job.start else discovery.of_sources(sources)
        async for candidate in found:
            yield ArticleFetch(job, candidate)
        for candidate in self._ledger.backlog(job.id, since):
            yield ArticleFetch(job, candidate)
        for candidate, revisit in self._ledger.revisits(job.id):
            yield ArticleFetch(job, candidate, revisit)

    def _article_request(self, article: ArticleFetch) -> Request | None:
        """The request for an article, or None where it was asked for already in this run."""
        job, revisit = article.job, article.revisit
        key = url_key(comparison_key(article.url))
        if key in self._asked:
            return None
        self._asked.add(key)
        job.stats.count("revisits" if revisit else "candidates")
        job.requested += 1
        meta = as_meta(job.info(ARTICLE))
        if revisit:  # a page that scripts build stays the same where its text changes: no conditional request for it
            meta["handle_httpstatus_list"] = [304]
        return Request(
            article.url,
            callback=self.parse_article,
            errback=self.article_failed,
            headers=conditional_headers(revisit.etag, revisit.last_modified) if revisit and not job.renders else None,
            meta=meta,
            cb_kwargs={"article": article},
            dont_filter=True,  # comparison keys know better which URLs are one
        )

    async def _fetch_source(self, job: SiteCrawl, books: SiteFrontier, url: str, kind: str) -> Fetched:
        engine = self.crawler.engine
        assert engine is not None
        if self._is_ending():
            raise asyncio.CancelledError
        headers = books.headers(url)
        request = Request(url, callback=NO_CALLBACK, headers=headers, meta=as_meta(job.info(kind)), dont_filter=True)
        try:
            response = await engine.download_async(request)
        except Exception as error:
            if self._is_ending():
                raise asyncio.CancelledError from None  # it was let go of, and did not fail
            detail = rejection_of(error).detail
            raise SourceError(detail) from (None if isinstance(error, IgnoreRequest) else error)
        finally:
            job.add_sitemaps(request)
        if response.request is not None:  # after redirects, another one
            job.add_sitemaps(response.request)
        if response.status != 200 and not (response.status == 304 and headers):
            raise SourceError(f"HTTP {response.status}", response.status)
        fetched = books.fetched(url, response)
        if url == job.start:
            job.moved(fetched.url)
        return fetched

    def _is_ending(self) -> bool:
        return is_closing(self.crawler.engine)

    def parse_article(self, response: Response, article: ArticleFetch) -> Iterator[Any]:
        """What became of an article; first the next page, where the article goes on there."""
        if response.status == 304 and article.revisit is not None:
            yield article.unchanged(article.revisit)
            return
        why = why_not_html(response)
        if why is None and (strayed := article.job.strayed(article.url, response.url)):
            why = Rejection(RejectReason.NOT_ARTICLE, strayed, response.status)
        if why is not None:
            yield article.refused(why)
            return
        key = url_key(comparison_key(response.url))
        if key in self._arrived:
            yield article.repeated()
            return
        self._arrived.add(key)
        yield from self._go_on(response, article, response, ())

    def parse_next_page(
        self, response: Response, article: ArticleFetch, first: Response, more: tuple[Response, ...]
    ) -> Iterator[Any]:
        """One more page of an article."""
        number = len(more) + 2
        is_that_page = page_number(response.url, first.url) == number and why_not_html(response) is None
        if not is_that_page or response.body in {page.body for page in (first, *more)}:
            article.job.stats.count("incomplete")
            yield article.fetched(first, more)
            return
        yield from self._go_on(response, article, first, (*more, response))

    def _go_on(
        self, response: Response, article: ArticleFetch, first: Response, more: tuple[Response, ...]
    ) -> Iterator[Any]:
        number = len(more) + 1
        hopeful = may_continue(response.body, response.url, first.url, number)
        tree = parse_page(response.body, content_type(response)) if hopeful else None
        url = next_page(tree, response.url, first.url, number) if tree is not None else None
        if url is None:
            yield article.fetched(first, more)
            return
        self._asked.add(url_key(comparison_key(url)))
        yield Request(
            url,
            callback=self.parse_next_page,
            errback=self.next_page_failed,
            meta=as_meta(article.job.info(ARTICLE)),
            cb_kwargs={"article": article, "first": first, "more": more},
            priority=10,  # a begun article before the next one
            dont_filter=True,
        )

    def article_failed(self, failure: Failure) -> Iterator[FailedPage]:
        """The refusal of an article that could not be downloaded."""
        article: ArticleFetch = failure.request.cb_kwargs["article"]  # type: ignore[attr-defined]
        yield article.refused(rejection_of(failure.value))

    def next_page_failed(self, failure: Failure) -> Iterator[FetchedPage]:
        """An article without the page that could not be had, and those after it."""
        kwargs = failure.request.cb_kwargs  # type: ignore[attr-defined]
        article: ArticleFetch = kwargs["article"]
        stats = article.job.stats
        stats.problem(f"page {len(kwargs['more']) + 2} of {article.url}: {rejection_of(failure.value).detail}")
        stats.count("incomplete")
        yield article.fetched(kwargs["first"], kwargs["more"])
