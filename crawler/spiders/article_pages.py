"""Follow an article over its pages: from the response for its first page to the item that the pipeline gets."""

from __future__ import annotations

import asyncio
from traceback import format_exc
from typing import TYPE_CHECKING, Any

from scrapy import Request

from cleaners.rejection import Rejection, RejectReason
from crawler.discovery.base import BrokenReadingError
from crawler.discovery.pagination import find_next_page, page_number
from crawler.discovery.urls import comparison_key
from crawler.requests.request_info import ARTICLE, as_meta
from crawler.requests.response_headers import content_type
from crawler.spiders.responses import rejection_of, why_not_html
from output.state.schema import url_key

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.items import FailedPage, FetchedPage, RepeatedPage, UnchangedPage
    from crawler.run.crawl_workers import CrawlWorkers
    from crawler.run.loop_record import LoopRecord
    from crawler.spiders.article_fetch import ArticleFetch

    _Result = FetchedPage | FailedPage | UnchangedPage | RepeatedPage | Request

# Of all pages of one article; they are held until its last one is there.
_MAX_ARTICLE_BYTES = 20 * 1024 * 1024


class ArticlePages:
    """Hold the callbacks for the pages of articles. Each returns one outcome, or the request for one more page.

    `requested` has the keys of the URLs that the run has requested. `workers` look for the link to the next page. `loop`
    records what is at work.
    """

    def __init__(self, requested: set[int], workers: CrawlWorkers, loop: LoopRecord):
        self._requested, self._workers, self._loop = requested, workers, loop
        self._reached: set[int] = set()  # keys of the URLs at which articles were found, after redirects

    async def parse_first(self, response: Response, article: ArticleFetch) -> list[_Result]:
        """Return the outcome of an article, or a request for its next page if it continues on one."""
        return await self._result_of(article, self._first(response, article))

    async def parse_next(
        self, response: Response, article: ArticleFetch, first: Response, more: tuple[Response, ...]
    ) -> list[_Result]:
        """Add one more page to an article."""
        return await self._result_of(article, self._next(response, article, first, more))

    async def _result_of(self, article: ArticleFetch, parsing: Coroutine[Any, Any, _Result]) -> list[_Result]:
        """Return what the parsing of an article's page gave. Whatever it raises is a failure of this article's site."""
        try:
            return [await parsing]
        except asyncio.CancelledError:  # the run is ending; the next one takes the article
            return []
        except Exception as error:
            article.site.stats.failed(f"{article.url}: {error!r}", format_exc())
            return [article.failed(rejection_of(error))]

    async def _first(self, response: Response, article: ArticleFetch) -> _Result:
        if response.status == 304 and article.revisit is not None:
            return article.unchanged(article.revisit)
        with self._loop.at_work(article.site.id, f"looking at the response of {response.url}"):
            rejection = why_not_html(response)
            if rejection is None and (why := article.site.why_not_article(article.url, response.url)):
                rejection = Rejection(RejectReason.NOT_ARTICLE, why, response.status)
        if rejection is not None:
            return article.failed(rejection)
        key = url_key(comparison_key(response.url))
        if key in self._reached:
            return article.repeated()
        self._reached.add(key)
        return await self._continue(response, article, response, ())

    async def _next(
        self, response: Response, article: ArticleFetch, first: Response, more: tuple[Response, ...]
    ) -> _Result:
        number = len(more) + 2
        is_that_page = page_number(response.url, first.url) == number and why_not_html(response) is None
        known = [page.body for page in (first, *more)]
        if not is_that_page or response.body in known or sum(map(len, (*known, response.body))) > _MAX_ARTICLE_BYTES:
            article.site.stats.count("incomplete")
            return article.fetched(first, more)
        return await self._continue(response, article, first, (*more, response))

    async def _continue(
        self, response: Response, article: ArticleFetch, first: Response, more: tuple[Response, ...]
    ) -> _Result:
        """Return the request for the page that follows `response`, the last of an article so far, or else the article."""
        number = len(more) + 1
        try:
            url = await self._workers.read(
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
            callback=self.parse_next,
            errback=self.next_failed,
            meta=as_meta(article.site.request_info(ARTICLE)),
            cb_kwargs={"article": article, "first": first, "more": more},
            priority=10,  # finish this article before the next one
            dont_filter=True,
        )

    def first_failed(self, failure: Failure) -> list[_Result]:
        """Return the failure of an article that could not be downloaded."""
        article: ArticleFetch = failure.request.cb_kwargs["article"]  # type: ignore[attr-defined]
        return [article.failed(rejection_of(failure.value))]

    def next_failed(self, failure: Failure) -> list[_Result]:
        """Return an article without the page that could not be downloaded, and without those after it."""
        kwargs = failure.request.cb_kwargs  # type: ignore[attr-defined]
        article: ArticleFetch = kwargs["article"]
        stats = article.site.stats
        stats.source_problem(f"page {len(kwargs['more']) + 2} of {article.url}: {rejection_of(failure.value).detail}")
        stats.count("incomplete")
        return [article.fetched(kwargs["first"], kwargs["more"])]
