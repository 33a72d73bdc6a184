"""Many files cleaned side by side, their lines in the order of the files."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable

from cleaners.rejection import RejectReason
from crawler.cleaning.calls import Budget, CallError, CallTimeoutError
from crawler.cleaning.files import Job, Line, line_of, reject_line, warm_up
from crawler.cleaning.pool import WorkerPool
from crawler.warc_pages import WarcPage

# Files under way or waiting for an earlier one, for each worker: one slow file does not make the others idle at once.
_WINDOW = 16


async def clean_files(names: Iterable[str | WarcPage], job: Job, jobs: int, budget: Budget) -> AsyncIterator[Line]:
    """A line for each file, cleaned in `jobs` processes; a file that hangs or crashes its process gives a reject."""
    pool = WorkerPool(jobs, budget, warm_up)
    window: deque[asyncio.Future[Line]] = deque()
    try:
        for name in names:
            window.append(asyncio.ensure_future(_line_of(pool, name, job)))
            if len(window) >= jobs * _WINDOW:
                yield await window.popleft()
        while window:
            yield await window.popleft()
    finally:
        for future in window:
            future.cancel()
        await pool.close()


async def _line_of(pool: WorkerPool, name: str | WarcPage, job: Job) -> Line:
    try:
        return await pool.run(line_of, name, job)
    except CallTimeoutError as error:
        return reject_line(RejectReason.CLEANING_TIMEOUT, f"{name}: {error}", job)
    except CallError as error:
        return reject_line(RejectReason.CLEANING_CRASH, f"{name}: {error}", job)
