"""Turn a FetchedPage into a CleanedPage, away from the event loop that talks to the network."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, signals
from scrapy.exceptions import DropItem

from cleaners.rejection import Rejection, RejectReason
from crawler.items import FailedPage, FetchedPage
from crawler.requests.request_info import ARTICLE, info_of
from crawler.run.crawl_workers import workers_of
from crawler.workers.protocol import CallDroppedError, CallError, CallTimeoutError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.crawler import Crawler

    from cleaners.document import Document
    from crawler.workers.page_cleaner import PageCleaner

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CleanedPage:
    """Hold a fetched page, its document, and the MinHash signature of the document's text.

    `site_name` is the site's name in its profile.
    """

    fetched: FetchedPage
    document: Document
    signature: bytes
    site_name: str | None = None


class CleanPipeline:
    """Clean pages with the rules of their site. A page that breaks the cleaners is a reject; the run goes on.

    Scrapy counts the bytes of pages that wait here and requests no more while they exceed SCRAPER_SLOT_MAX_ACTIVE_SIZE. What was
    being downloaded then still arrives: at most CONCURRENT_REQUESTS pages.
    """

    def __init__(self, cleaner: PageCleaner):
        self._cleaner = cleaner
        self._turns = _Turns()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        pipeline = cls(workers_of(crawler).cleaner)
        crawler.signals.connect(pipeline.request_scheduled, signals.request_scheduled)
        return pipeline

    def request_scheduled(self, request: Request) -> None:
        """Get the cleaner ready while the first article is fetched."""
        if info_of(request).kind == ARTICLE:
            self._cleaner.expect()

    async def process_item(self, item: Any) -> Any:
        if not isinstance(item, FetchedPage):
            return item
        async with self._turns.turn(item.site):
            try:
                cleaned = await self._cleaner.clean(item.page, item.rules)
            except CallDroppedError:
                raise DropItem(f"left for the next run: {item.page.url}") from None
            except Exception as error:
                return _failed(item, error)
            return CleanedPage(item, cleaned.document, cleaned.signature, item.rules.name if item.rules else None)

    async def close_spider(self) -> None:
        await self._cleaner.close()


class _Turns:
    """Release the pages of a site in the order they came, however many are cleaned at once.

    So a story stays the first, and its print version is the duplicate.
    """

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Event] = {}

    @asynccontextmanager
    async def turn(self, site: str) -> AsyncIterator[None]:
        """Hold a turn that ends only after all earlier turns of the site have ended."""
        before = self._last.get(site)
        mine = self._last[site] = asyncio.Event()
        try:
            yield
            if before is not None:
                await before.wait()
        finally:
            mine.set()
            if self._last.get(site) is mine:  # a later one that was dropped may have gone before
                del self._last[site]


def _failed(item: FetchedPage, error: Exception) -> FailedPage:
    requested = item.requested_url
    url = item.page.url or requested
    if isinstance(error, CallTimeoutError):
        logger.warning("%s: cleaning was stopped: %s", url, error)
        reason, detail = RejectReason.CLEANING_TIMEOUT, str(error)
    elif isinstance(error, CallError):
        reason, detail = RejectReason.CLEANING_CRASH, str(error)
        logger.error("%s: the cleaners failed: %s%s", url, detail, f"\n{error.traceback}" if error.traceback else "")
    else:
        reason, detail = RejectReason.CLEANING_CRASH, f"{type(error).__name__}: {error}"
        logger.error("%s: the cleaners failed", url, exc_info=error)
    return FailedPage(url, item.site, Rejection(reason, detail, item.status), requested, item.revisit_of)
