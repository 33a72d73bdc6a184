"""End a run early and cleanly: at its time budget, or when SIGINT or SIGTERM asks for it."""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, NoReturn, Protocol, Self

from scrapy import Request, signals
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.asyncio import CallLaterResult, call_later

from crawler.download.paced_downloader import downloader_of
from crawler.download.scrapy_internals import finish_closing
from crawler.run.crawl_workers import workers_of
from crawler.run.outcome import BUDGET_REACHED, RUN_INTERRUPTED
from crawler.run.run_options import options_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from scrapy.crawler import Crawler


logger = logging.getLogger(__name__)

# Seconds between two sweeps that drop requests which reached the downloader meanwhile.
_SWEEP = 0.2

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# Seconds in which a second signal is still the first: `timeout` sends it to the process and then to its group.
_ONE_SIGNAL = 0.5


class PendingCalls(Protocol):
    """Describe what the run's end asks of those who hold calls for worker processes."""

    def drop_waiting(self) -> None:
        """Fail the calls that no worker has begun."""

    def give_up(self) -> None:
        """Fail the others too, and kill their workers."""


class RunEndedError(Exception):
    """Replace a response that the run did not wait for."""

    def __init__(self) -> None:
        super().__init__("the run is ending")


class RunEnding:
    """Finish what is being fetched or cleaned, and drop requests and pages that only wait for their turn.

    Scrapy alone would wait for these too, each with its host's delay. They leave no reject, and their URLs stay pending.
    `budget` is in seconds; 0 sets no limit. After ENDING_TIME seconds, the run waits for nothing more. `calls` are those for
    worker processes; those of the crawl's own workers, if not given.
    """

    def __init__(self, crawler: Crawler, budget: float, patience: float, calls: PendingCalls | None = None):
        self._crawler, self._calls = crawler, calls
        self._budget, self._patience = budget, patience
        self._timer: CallLaterResult | None = None
        self._ending: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        ending = cls(crawler, options_of(crawler).budget, crawler.settings.getfloat("ENDING_TIME"))
        crawler.signals.connect(ending.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(ending.spider_closed, signal=signals.spider_closed)
        return ending

    def spider_opened(self) -> None:
        if self._budget:
            self._timer = call_later(self._budget, self.end, BUDGET_REACHED)
            options_of(self._crawler).loop.set_budget(self._budget)

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
        latest = monotonic() + self._patience
        while not closing.done():
            self._drop_waiting()
            if monotonic() > latest:
                self._give_up()
            finish_closing(self._crawler.engine)
            await asyncio.wait({closing}, timeout=_SWEEP)
        closing.result()

    def _drop_waiting(self) -> None:
        """Drop requests that have not begun, in their host's queue or waiting for its robots.txt, and pages without a worker."""
        downloader = downloader_of(self._crawler)
        begun = {request for slot in downloader.slots.values() for request in slot.transferring}
        for request in downloader.active - begun:
            request.errback = None  # no page, and no reject either
        downloader.fail_waiting(_ended)
        self._pending_calls().drop_waiting()

    def _give_up(self) -> None:
        """Give up responses and pages that have been under way for too long."""
        downloader = downloader_of(self._crawler)
        for request in downloader.active:
            request.errback = None
        downloader.fail_in_progress(_ended)
        self._pending_calls().give_up()

    def _pending_calls(self) -> PendingCalls:
        return self._calls or workers_of(self._crawler)


def end_run(crawler: Crawler, reason: str) -> None:
    """End the run for `reason` as its budget would: finish what is at work within ENDING_TIME, and drop the rest. Returns at once."""
    if ending := crawler.get_extension(RunEnding):
        ending.end(reason)


def _ended(request: Request) -> Exception:
    # A robots.txt that fails forbids; one that is ignored would allow all.
    return RunEndedError() if request.callback is NO_CALLBACK else IgnoreRequest("the run is ending")


@contextmanager
def interruptible(crawler: Crawler) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the crawl cleanly while it runs; the second signal kills."""
    loop = asyncio.get_event_loop()
    first: list[float] = []

    def handle(number: int, _frame: FrameType | None) -> None:
        if not first:
            first.append(monotonic())
            loop.call_soon_threadsafe(_end, crawler, number)
        elif monotonic() - first[0] > _ONE_SIGNAL:
            _die_of(number)

    before = {name: signal.signal(name, handle) for name in _SIGNALS}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _end(crawler: Crawler, number: int) -> None:
    from crawler.run.run_stats import SIGNAL_KEY

    ending = crawler.get_extension(RunEnding) if crawler.crawling and crawler.engine.running else None
    if ending is None:
        _die_of(number)  # nothing has been fetched yet
    crawler.stats.set_value(SIGNAL_KEY, number)
    ending.end(RUN_INTERRUPTED)


def _die_of(number: int) -> NoReturn:
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
    raise AssertionError("SIGINT and SIGTERM kill")
