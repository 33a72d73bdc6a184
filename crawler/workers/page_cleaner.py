"""Clean a crawl's pages in a pool of processes or, for debugging, in a thread of the crawl's own process."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from crawler.workers import clean_task
from crawler.workers.clean_task import CleanedResult, Packed, unpack_result
from crawler.workers.fork_server_client import ForkServer
from crawler.workers.pool import WorkerPool
from crawler.workers.protocol import CallBudget

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.settings import BaseSettings

    from cleaners.page import Page, SiteRules


class PageCleaner(Protocol):
    """Clean pages without holding up the event loop."""

    def expect(self) -> None:
        """Get ready, because pages will come soon."""

    async def clean(self, page: Page, rules: SiteRules | None) -> CleanedResult:
        """Clean a page. Raises whatever the cleaning raised, or CallError of a worker."""

    async def close(self) -> None:
        """Let go of threads or processes."""


class PoolPageCleaner:
    """Clean pages in worker processes. Pages that wait for a worker are held here."""

    def __init__(self, pool: WorkerPool, clean: Callable[[Page, SiteRules | None], Packed] = clean_task.clean_packed):
        self._pool = pool
        self._clean = clean  # what is called in the worker, by its name

    def expect(self) -> None:
        self._pool.expect()

    async def clean(self, page: Page, rules: SiteRules | None) -> CleanedResult:
        return unpack_result(await self._pool.run(self._clean, page, rules))

    async def close(self) -> None:
        await self._pool.close()


class ThreadPageCleaner:
    """Clean one page at a time in a thread, where a debugger or profiler sees it. Nothing limits a page's cost."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cleaner")

    def expect(self) -> None:
        pass  # it is here

    async def clean(self, page: Page, rules: SiteRules | None) -> CleanedResult:
        return await asyncio.get_running_loop().run_in_executor(self._executor, clean_task.clean_in_worker, page, rules)

    async def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)


def budget_of(settings: BaseSettings) -> CallBudget:
    """Read what a page may cost from CLEAN_TIMEOUT, CLEAN_MEMORY_MB and CLEAN_WORKER_PAGES."""
    return CallBudget(
        seconds=settings.getfloat("CLEAN_TIMEOUT"),
        megabytes=settings.getint("CLEAN_MEMORY_MB"),
        calls=settings.getint("CLEAN_WORKER_PAGES"),
    )


def launch_fork_server(settings: BaseSettings) -> ForkServer | None:
    """Start the fork server early, so that it warms up on another core while the crawl imports Scrapy.

    Call it only where there will surely be pages. Returns None where pages are cleaned in this process.
    """
    return ForkServer(clean_task.warm_up_pages) if settings.getint("CLEAN_WORKERS") else None


def cleaner_of(settings: BaseSettings, server: ForkServer | None = None) -> PageCleaner:
    """CLEAN_WORKERS processes, forked by the server of `launch_ahead` if there is one; 0 of them: a thread."""
    workers = settings.getint("CLEAN_WORKERS")
    if not workers:
        return ThreadPageCleaner()
    return PoolPageCleaner(WorkerPool(workers, budget_of(settings), clean_task.warm_up_pages, server))
