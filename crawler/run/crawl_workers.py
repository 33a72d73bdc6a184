"""Share the workers of a crawl among all its parts: some clean its pages, others read its sources."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ParamSpec, Self, TypeVar

from scrapy import signals

from crawler.discovery.base import BrokenReadingError
from crawler.run.run_options import options_of
from crawler.workers import clean_task
from crawler.workers.page_cleaner import PageCleaner, PoolPageCleaner, ThreadPageCleaner, budget_of
from crawler.workers.pool import WorkerPool
from crawler.workers.protocol import CallBudget, CallDroppedError, CallError
from crawler.workers.read_task import warm_up_reading
from crawler.workers.thread_runner import ThreadRunner

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from crawler.workers.fork_server_client import ForkServer

_P = ParamSpec("_P")
_T = TypeVar("_T")


class CrawlWorkers:
    """Own the workers of a crawl: an extension, so that all parts of the crawl share it.

    `cleaner` cleans pages. `read` calls functions that read what a host has sent, each within READ_TIMEOUT seconds and
    READ_MEMORY_MB megabytes: what comes from outside is not parsed in the event loop. Readers have processes of their own,
    because these start in a quarter of the time, and so that no source waits for pages. With CLEAN_WORKERS=0, both happen
    in threads of this process, without limits.
    """

    def __init__(self, settings: BaseSettings, server: ForkServer | None = None):
        self._reading = CallBudget(settings.getfloat("READ_TIMEOUT"), settings.getint("READ_MEMORY_MB"))
        self._readers: WorkerPool | ThreadRunner
        self._cleaners: WorkerPool | ThreadRunner
        self.cleaner: PageCleaner
        if size := settings.getint("CLEAN_WORKERS"):
            self._readers = WorkerPool(size, self._reading, warm_up_reading, ahead=1)  # a sitemap may have 64 MB
            self._cleaners = WorkerPool(size, budget_of(settings), clean_task.warm_up_pages, server)
            self.cleaner = PoolPageCleaner(self._cleaners)
        else:
            self._readers, self._cleaners = ThreadRunner(), ThreadRunner()
            self.cleaner = ThreadPageCleaner(self._cleaners)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        workers = cls(crawler.settings, options_of(crawler).fork_server)
        crawler.signals.connect(workers.close, signals.spider_closed)
        return workers

    def expect_reading(self) -> None:
        """Get ready to read, while the first source is being fetched."""
        self._readers.expect()

    async def read(self, reader: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Return what `reader` returns. Raises BrokenReadingError, and CancelledError where the run is ending."""
        try:
            return await self._readers.run(reader, *args, **kwargs)
        except CallDroppedError:
            raise asyncio.CancelledError from None
        except CallError as error:
            raise BrokenReadingError(str(error), error.traceback) from None
        except Exception as error:  # of a reader in this process
            raise BrokenReadingError(f"{type(error).__name__}: {error}") from error

    @property
    def reading_seconds(self) -> float | None:
        """Return how long a reader may go on with a long source, so that it can still return what it has; None for ever."""
        return 0.7 * self._reading.seconds or None

    def drop_waiting(self) -> None:
        """Fail the calls that no worker has begun, because the run is ending."""
        for runner in (self._readers, self._cleaners):
            runner.drop_waiting(CallDroppedError("the run is ending"))

    def give_up(self) -> None:
        """Fail all calls, because the run waits no longer."""
        for runner in (self._readers, self._cleaners):
            runner.give_up(CallDroppedError("the run is ending"))

    async def close(self) -> None:
        """End the workers."""
        await asyncio.gather(self._readers.close(), self._cleaners.close())


def workers_of(crawler: Crawler) -> CrawlWorkers:
    """Return the workers of a crawl. Raises RuntimeError where the settings leave out the extension."""
    workers = crawler.get_extension(CrawlWorkers)
    if workers is None:
        raise RuntimeError("EXTENSIONS_BASE lacks crawler.run.crawl_workers.CrawlWorkers, which reads what hosts send")
    return workers
