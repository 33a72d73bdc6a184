"""Ends a run early and cleanly: at its time budget, or when a signal asks for it."""

from __future__ import annotations

import asyncio
import logging
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.asyncio import CallLaterResult, call_later

logger = logging.getLogger(__name__)

BUDGET = "budget"
INTERRUPTED = "interrupted"
# How often requests that reached the downloader meanwhile are let go, in seconds.
_SWEEP = 0.2


class RunEnding:
    """Finishes what is being fetched or cleaned, and lets go of requests that only wait for their turn.

    Scrapy alone would wait for these too, each with its host's delay. They leave no reject: they were never asked for.
    RUN_BUDGET is in seconds; 0 sets no limit.
    """

    def __init__(self, crawler: Crawler, budget: float):
        self._crawler = crawler
        self._budget = budget
        self._timer: CallLaterResult | None = None
        self._ending: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        ending = cls(crawler, crawler.settings.getfloat("RUN_BUDGET"))
        crawler.signals.connect(ending.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(ending.spider_closed, signal=signals.spider_closed)
        return ending

    def spider_opened(self) -> None:
        if self._budget:
            self._timer = call_later(self._budget, self.end, BUDGET)

    def spider_closed(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def end(self, reason: str) -> None:
        """Close the spider for `reason`; returns at once, and does nothing the second time."""
        if self._ending is None:
            logger.info("Ending the run (%s): finishing what is in flight", reason)
            self._ending = asyncio.ensure_future(self._end(reason))

    async def _end(self, reason: str) -> None:
        closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=reason))
        while not closing.done():
            self._let_go()
            await asyncio.wait({closing}, timeout=_SWEEP)
        closing.result()

    def _let_go(self) -> None:
        for slot in self._crawler.engine.downloader.slots.values():
            # Without a callback it is a source or a robots.txt, and someone awaits it: there is one a site at most.
            for request, answer in [waiting for waiting in slot.queue if waiting[0].callback is not NO_CALLBACK]:
                slot.queue.remove((request, answer))
                request.errback = None  # no page, and no reject either
                answer.errback(IgnoreRequest("the run is ending"))
