"""Count the longest turn of the event loop, in which nothing else could happen."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Self

from scrapy import signals

from crawler.run.run_options import options_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

LONGEST_TURN_KEY = "loop/longest_turn"  # seconds, while outlets are crawled
LONGEST_TURN_CPU_KEY = "loop/longest_turn_cpu"  # seconds of CPU time, likewise
LONGEST_TURN_AT_END_KEY = "loop/longest_turn_at_end"  # while the files are finished

logger = logging.getLogger(__name__)

_LONG = 0.1  # seconds: from here on a log line says what it was


class LoopTurns:
    """Write the longest turns to Scrapy's stats, and log what the longest was in."""

    def __init__(self, crawler: Crawler):
        self._crawler, self._loop = crawler, options_of(crawler).loop

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        turns = cls(crawler)
        crawler.signals.connect(turns.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(turns.engine_stopped, signal=signals.engine_stopped)
        return turns

    def spider_opened(self) -> None:
        self._loop.start_crawl()

    def engine_stopped(self) -> None:
        loop = self._loop
        self._crawler.stats.set_value(LONGEST_TURN_KEY, round(loop.longest, 3))
        self._crawler.stats.set_value(LONGEST_TURN_CPU_KEY, round(loop.longest_cpu, 3))
        self._crawler.stats.set_value(LONGEST_TURN_AT_END_KEY, round(loop.longest_at_end, 3))
        if loop.longest > _LONG:
            logger.info(
                "the longest turn of the event loop: %.2f s, in or after %s",
                loop.longest,
                loop.longest_work or "no work",
            )
