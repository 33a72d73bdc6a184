"""Clean a crawl's pages in a pool of processes or, for debugging, in a thread of the crawl's own process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from crawler.workers import clean_task
from crawler.workers.clean_task import CleanedResult, unpack_result
from crawler.workers.fork_server_client import ForkServer
from crawler.workers.protocol import CallBudget
from crawler.workers.thread_runner import ThreadRunner

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.settings import BaseSettings

    from cleaners.page import Page, SiteRules
    from crawler.workers.pool import WorkerPool


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

    def __init__(self, pool: WorkerPool, clean: Callable[[Page, SiteRules | None], bytes] = clean_task.clean_packed):
        self._pool = pool
        self._clean = clean  # what is called in the worker, by its name

    def expect(self) -> None:
        self._pool.expect()

    async def clean(self, page: Page, rules: SiteRules | None) -> CleanedResult:
        return unpack_result(await self._pool.run(self._clean, page, rules))

    async def close(self) -> None:
        await self._pool.close()


class ThreadPageCleaner:
    """Clean one page at a time in a thread, without packing the result."""

    def __init__(self, runner: ThreadRunner | None = None) -> None:
        self._runner = runner or ThreadRunner()

    def expect(self) -> None:
        self._runner.expect()

    async def clean(self, page: Page, rules: SiteRules | None) -> CleanedResult:
        return await self._runner.run(clean_task.clean_in_worker, page, rules)

    async def close(self) -> None:
        await self._runner.close()


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
