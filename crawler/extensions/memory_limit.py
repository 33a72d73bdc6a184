"""End a run cleanly before its memory runs out."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import AsyncioLoopingCall, create_looping_call

from crawler.extensions.run_ending import RunEnding
from crawler.run.outcome import MEMORY_EXCEEDED

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.task import LoopingCall

_PEAK_KEY = "memusage/max"  # as Scrapy calls it
_STATUS = Path("/proc/self/status")

logger = logging.getLogger(__name__)


class MemoryLimit:
    """End the run while this process takes more than MEMUSAGE_LIMIT_MB; workers and Chromium have limits of their own.

    Scrapy's MemoryUsage goes by the highest value ever, which a child inherits from its parent, looks once a minute, and then
    waits for every request that was scheduled.
    """

    def __init__(self, crawler: Crawler, limit_mb: int, seconds: float):
        self._crawler, self._limit_mb, self._seconds = crawler, limit_mb, seconds
        self._checks: AsyncioLoopingCall | LoopingCall | None = None
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the extension. Raises NotConfigured where MEMUSAGE_ENABLED is off, or the system has no /proc."""
        settings = crawler.settings
        if not (settings.getbool("MEMUSAGE_ENABLED") and _STATUS.is_file()):
            raise NotConfigured
        return cls(crawler, settings.getint("MEMUSAGE_LIMIT_MB"), settings.getfloat("MEMUSAGE_CHECK_INTERVAL_SECONDS"))

    def spider_opened(self) -> None:
        self._checks = create_looping_call(self._check)
        self._checks.start(self._seconds, now=False)

    def spider_closed(self) -> None:
        self._stop_checks()
        assert self._crawler.stats
        self._crawler.stats.set_value(_PEAK_KEY, memory_mb("VmHWM") * 1024 * 1024)

    def _check(self) -> None:
        used = memory_mb("VmRSS")
        if not 0 < self._limit_mb < used:
            return
        ending = self._crawler.get_extension(RunEnding)
        if ending is None:
            return
        logger.error(
            "The run takes %d MB of memory, more than MEMUSAGE_LIMIT_MB (%d); it ends, and the next run goes on from there",
            used,
            self._limit_mb,
        )
        self._stop_checks()
        ending.end(MEMORY_EXCEEDED)

    def _stop_checks(self) -> None:
        if self._checks and self._checks.running:
            self._checks.stop()


def memory_mb(field: str) -> int:
    """Return a field of /proc/self/status in MB: VmRSS, what this process takes now, or VmHWM, the most it took."""
    with _STATUS.open() as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith(field))
