"""The spider: finds new articles of each site, fetches each once, and hands its pages to the pipeline."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from twisted.python.failure import Failure

from cleaners.rejection import Rejection, RejectReason
from crawler.discovery.candidates import Candidate
from crawler.discovery.links import parse_page
from crawler.discovery.pagination import may_continue, next_page, page_number
from crawler.discovery.sources import Fetched, SourceError
from crawler.discovery.urls import comparison_key, registered_domain
from crawler.extensions.run_state import ledger_of
from crawler.items import FailedPage, FetchedPage
from crawler.ledger import Ledger, Revisit
from crawler.profiles import Owners, load_profiles
from crawler.rendering.extra import require
from crawler.site_stats import SiteStats
from crawler.spiders.answers import as_continuation, as_page, content_type, rejection_of, why_no_page
from crawler.spiders.arguments import read_arguments
from crawler.spiders.books import SiteBooks, validators
from crawler.spiders.merge import merge
from crawler.spiders.room import Room
from crawler.spiders.site_job import SiteJob
from output.state import StateError
from output.state.schema import url_key

# Sites whose sources are being read at the same time; one site alone is asked one thing at a time.
DISCOVERIES = 64
# Articles of a list given by hand that wait to be fetched: many, for one host's must not hold up the others.
LISTED = 5000


class NewsSpider(Spider):
    """Yields FetchedPage and FailedPage.

    Arguments: `sites` (profile ids), `start` (URLs of outlets without a profile), `urls` (a file of article URLs, or
    `-`), `since`, `limit`, `budget` (kept for the crawl command). Raises UsageProblem or ProfileError, each one line.
    """

    name = "news"

    def __init__(self, name: str | None = None, **given: Any):
        super().__init__(name)
        self.arguments = read_arguments(given, datetime.now(UTC))
        arguments = self.arguments
        everything = not (arguments.start or arguments.urls)
        by_name = arguments.sites is not None or everything
        self._profiles = load_profiles(arguments.sites) if by_name else []
        self._owners = Owners(load_profiles() if arguments.urls else ())
        self._jobs: dict[str, SiteJob] = {}
        self._revisits: dict[str, str] = {}  # the URL of an article that is looked at again, and its id
        self._asked: set[int] = set()  # keys of URLs: what was asked for
        self._arrived: set[int] = set()  # and where it was found

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """The spider; raises RenderingError where it would need a browser that cannot be had."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        named = map(spider._owners.of, spider.arguments.urls)
        require([*spider._profiles, *named], crawler.settings["CHROMIUM"])
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Requests for articles, as they are found; sites are searched side by side."""
        if self.arguments.urls:
            async for request in self._requests_by_name():
                yield request
            return
        jobs = [self._add(SiteJob.of_profile(profile, self._stats_of(profile.id))) for profile in self._profiles]
        jobs += [SiteJob.of_url(url, self._stats_of(registered_domain(url))) for url in self.arguments.start]
        async for request in merge([self._requests_of(job) for job in jobs], at_once=DISCOVERIES):
            yield request

    async def _requests_by_name(self) -> AsyncIterator[Request]:
        """Requests for the articles that were named, but for those that have a record."""
        room = Room(LISTED)
        jobs = [(self._job_owning(url), Candidate(url)) for url in self.arguments.urls]
        named: dict[str, list[Candidate]] = {}
        for job, candidate in jobs:
            named.setdefault(job.id, []).append(candidate)
        wanted = self._ledger.named(named)
        errands = deque((job, candidate) for job, candidate in jobs if candidate in wanted)
        del jobs, named, wanted  # so that of a long list each is let go of in its turn
        while errands:
            request = self._article_request(*errands.popleft())
            if request is not None:
                await room.wait()
                room.give(request)
                yield request

    def _job_owning(self, url: str) -> SiteJob:
        profile = self._owners.of(url)
        site = profile.id if profile else registered_domain(url)
        if site not in self._jobs:
            stats = self._stats_of(site)
            self._add(SiteJob.of_profile(profile, stats) if profile else SiteJob.of_url(url, stats))
        return self._jobs[site]

    def _add(self, job: SiteJob) -> SiteJob:
        return self._jobs.setdefault(job.id, job)

    @cached_property
    def _ledger(self) -> Ledger:
        return ledger_of(self.crawler)

    def _stats_of(self, site: str) -> SiteStats:
        assert self.crawler.stats is not None
        return SiteStats(self.crawler.stats, site)

    async def _requests_of(self, job: SiteJob) -> AsyncIterator[Request]:
        limit = self.arguments.limit
        try:
            async for candidate, revisit in self._errands(job):
                request = self._article_request(job, candidate, revisit)
                if request is not None:
                    await job.room.wait()
                    job.room.give(request)
                    yield request
                if limit is not None and job.requested >= limit:
                    return
        except StateError:
            return  # the run is ending, and has said why

    async def _errands(self, job: SiteJob) -> AsyncIterator[tuple[Candidate, Revisit | None]]:
        """What is to be asked of a site: what its sources list and is new, then what earlier runs left to be done."""
        since = self.arguments.since
        books = job.books(self._ledger, since)

        async def fetch(url: str, kind: str) -> Fetched:
            return await self._fetch_source(job, books, url, kind)

        survey = job.survey(fetch, books, since, self.arguments.limit)
        async for candidate in survey.from_start(job.start) if job.start else survey.of_sources(job.sources()):
            yield candidate, None
        for candidate in self._ledger.backlog(job.id, since):
            yield candidate, None
        for candidate, revisit in self._ledger.revisits(job.id):
            yield candidate, revisit

    def _article_request(self, job: SiteJob, candidate: Candidate, revisit: Revisit | None = None) -> Request | None:
        """The request for an article, or None where it was asked for already in this run."""
        key = url_key(comparison_key(candidate.url))
        if key in self._asked:
            return None
        self._asked.add(key)
        job.stats.count("revisits" if revisit else "candidates")
        job.requested += 1
        meta = job.meta("article")
        if revisit:  # a page that scripts build stays the same where its text changes: no conditional request for it
            self._revisits[candidate.url] = revisit.article
            meta["handle_httpstatus_list"] = [304]
        return Request(
            candidate.url,
            callback=self.parse_article,
            errback=self.article_failed,
            headers=validators(revisit.etag, revisit.last_modified) if revisit and not job.renders else None,
            meta=meta,
            cb_kwargs={"job": job, "candidate": candidate},
            dont_filter=True,  # comparison keys know better which URLs are one
        )

    async def _fetch_source(self, job: SiteJob, books: SiteBooks, url: str, kind: str) -> Fetched:
        engine = self.crawler.engine
        assert engine is not None
        if self._is_ending():
            raise asyncio.CancelledError
        headers = books.headers(url)
        request = Request(url, callback=NO_CALLBACK, headers=headers, meta=job.meta(kind), dont_filter=True)
        try:
            response = await engine.download_async(request)
        except Exception as error:
            if self._is_ending():
                raise asyncio.CancelledError from None  # it was let go of, and did not fail
            detail = rejection_of(error).detail
            raise SourceError(detail) from (None if isinstance(error, IgnoreRequest) else error)
        finally:
            job.note_sitemaps(request)
        if response.request is not None:  # after redirects, another one
            job.note_sitemaps(response.request)
        if response.status != 200 and not (response.status == 304 and headers):
            raise SourceError(f"HTTP {response.status}", response.status)
        fetched = books.fetched(url, response)
        if url == job.start:
            job.moved(fetched.url)
        return fetched

    def _is_ending(self) -> bool:
        slot = self.crawler.engine._slot if self.crawler.engine else None
        return slot is None or slot.closing is not None  # Scrapy tells in no other way

    def parse_article(self, response: Response, job: SiteJob, candidate: Candidate) -> Iterator[Any]:
        """The page of an article, or its refusal; first the next page, where the article goes on there."""
        article = self._revisits.get(candidate.url)
        if response.status == 304 and article is not None:
            job.stats.count("unchanged")
            self._ledger.is_same(candidate.url, article)
            return
        why = why_no_page(response)
        if why is None and (strayed := job.strayed(candidate.url, response.url)):
            why = Rejection(RejectReason.NOT_ARTICLE, strayed, response.status)
        if why is not None:
            yield self._failed(job, candidate.url, why)
            return
        key = url_key(comparison_key(response.url))
        if key in self._arrived:
            job.stats.count("repeated")
            self._ledger.repeated(candidate.url)
            return
        self._arrived.add(key)
        yield from self._go_on(response, job, candidate, response, ())

    def parse_next(
        self, response: Response, job: SiteJob, candidate: Candidate, first: Response, more: tuple[Response, ...]
    ) -> Iterator[Any]:
        """One more page of an article."""
        number = len(more) + 2
        is_that_page = page_number(response.url, first.url) == number and why_no_page(response) is None
        if not is_that_page or response.body in {page.body for page in (first, *more)}:
            job.stats.count("incomplete")
            yield self._fetched(job, candidate, first, more)
            return
        yield from self._go_on(response, job, candidate, first, (*more, response))

    def _go_on(
        self, response: Response, job: SiteJob, candidate: Candidate, first: Response, more: tuple[Response, ...]
    ) -> Iterator[Any]:
        number = len(more) + 1
        hopeful = may_continue(response.body, response.url, first.url, number)
        tree = parse_page(response.body, content_type(response)) if hopeful else None
        url = next_page(tree, response.url, first.url, number) if tree is not None else None
        if url is None:
            yield self._fetched(job, candidate, first, more)
            return
        self._asked.add(url_key(comparison_key(url)))
        yield Request(
            url,
            callback=self.parse_next,
            errback=self.next_failed,
            meta=job.meta("article"),
            cb_kwargs={"job": job, "candidate": candidate, "first": first, "more": more},
            priority=10,  # a begun article before the next one
            dont_filter=True,
        )

    def article_failed(self, failure: Failure) -> Iterator[FailedPage]:
        """The refusal of an article that could not be downloaded."""
        kwargs = failure.request.cb_kwargs  # type: ignore[attr-defined]
        yield self._failed(kwargs["job"], kwargs["candidate"].url, rejection_of(failure.value))

    def next_failed(self, failure: Failure) -> Iterator[FetchedPage]:
        """An article without the page that could not be had, and those after it."""
        kwargs = failure.request.cb_kwargs  # type: ignore[attr-defined]
        job, candidate = kwargs["job"], kwargs["candidate"]
        job.stats.problem(f"page {len(kwargs['more']) + 2} of {candidate.url}: {rejection_of(failure.value).detail}")
        job.stats.count("incomplete")
        yield self._fetched(job, candidate, kwargs["first"], kwargs["more"])

    def _fetched(self, job: SiteJob, candidate: Candidate, first: Response, more: tuple[Response, ...]) -> FetchedPage:
        job.stats.count("fetched")
        published = candidate.published.isoformat() if candidate.published else None
        page = as_page(first, tuple(one.body for one in more), candidate.feed_html)
        rights = first.meta.get("winnow_rights", {})
        return FetchedPage(
            page, candidate.url, job.id, first.status, candidate.title, published, rights,
            self._revisits.get(candidate.url), tuple(as_continuation(one) for one in more),
        )  # fmt: skip

    def _failed(self, job: SiteJob, url: str, why: Rejection) -> FailedPage:
        job.stats.count("refused")
        return FailedPage(url, job.id, why, url, self._revisits.get(url))
