"""Run a test with a pool of worker processes that import nothing."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from crawler.workers.pool import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from crawler.workers.protocol import CallBudget


def with_pool(test: Callable[[WorkerPool], Awaitable[None]], size: int = 1, *, budget: CallBudget) -> None:
    """Run `test` with such a pool, and close it."""

    async def run() -> None:
        pool = WorkerPool(size, budget, os.getpid)
        try:
            await test(pool)
        finally:
            await pool.close()

    asyncio.run(run())
