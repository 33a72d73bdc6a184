"""SIGINT and SIGTERM: the first ends a crawl cleanly, the second at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruptible(crawler: Crawler) -> Iterator[None]:
    """While a crawl runs, SIGINT and SIGTERM end it cleanly; the second one kills."""
    loop = asyncio.get_event_loop()

    def handle(number: int, _frame: FrameType | None) -> None:
        for name in _SIGNALS:
            signal.signal(name, signal.SIG_DFL)
        loop.call_soon_threadsafe(_end, crawler, number)

    before = {name: signal.signal(name, handle) for name in _SIGNALS}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _end(crawler: Crawler, number: int) -> None:
    from crawler.extensions.ending import INTERRUPTED, RunEnding
    from crawler.run_stats import SIGNAL

    ending = crawler.get_extension(RunEnding) if crawler.crawling and crawler.engine.running else None
    if ending is None:
        signal.raise_signal(number)  # nothing has been fetched yet
        return
    crawler.stats.set_value(SIGNAL, number)
    ending.end(INTERRUPTED)
