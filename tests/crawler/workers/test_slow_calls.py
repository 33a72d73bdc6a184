"""What calls cost each other: slow ones are out of the way of the others, and each pool has its own budget."""

from __future__ import annotations

import asyncio
import os
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from cleaners.document import Block, Document
from cleaners.page import Page
from cleaners.rejection import RejectReason
from crawler.run.crawl_workers import CrawlWorkers
from crawler.workers import clean_task
from crawler.workers.clean_task import CleanedResult, unpack_result
from crawler.workers.pool import MAX_SLOW, WorkerPool
from crawler.workers.protocol import CallBudget, CallDroppedError, CallError, CallTimeoutError, WorkerDiedError
from crawler.workers.thread_runner import ThreadRunner
from tests.support import poison
from tests.support.clean_pages import story
from tests.support.worker_pools import with_pool

if TYPE_CHECKING:
    from pathlib import Path

LONG = CallBudget(seconds=60, megabytes=1000)
SHORT = CallBudget(seconds=1.5, megabytes=100)


pool_test = partial(with_pool, budget=LONG)


def test_each_pool_has_a_budget_of_its_own() -> None:
    async def test(pool: WorkerPool) -> None:
        short = WorkerPool(1, SHORT, os.getpid)
        assert await pool.run(poison.fill, 300) == 300
        with pytest.raises(WorkerDiedError, match="needs more than 100 MB of memory"):
            await short.run(poison.fill, 300)
        with pytest.raises(CallTimeoutError, match=r"not done after 1.5 s"):
            await short.run(poison.burn, 60)
        assert await pool.run(poison.fill, 300) == 300
        await short.close()

    pool_test(test)


def test_no_call_waits_in_a_worker_that_takes_one_at_a_time() -> None:
    async def run() -> None:
        pool = WorkerPool(1, LONG, os.getpid, ahead=1)
        calls = [asyncio.ensure_future(pool.run(time.sleep, 0.01)) for _ in range(20)]
        most = 0
        while not all(call.done() for call in calls):
            most = max(most, pool.sent)
            await asyncio.sleep(0)
        assert most == 1
        await pool.close()

    asyncio.run(run())


def test_sources_are_read_before_pages_that_wait() -> None:
    done: list[str] = []

    async def clean(workers: CrawlWorkers, name: str) -> None:
        await workers.cleaner.clean(Page(f"https://a.example/{name}", story(name)), None)
        done.append(name)

    async def read(workers: CrawlWorkers, name: str) -> None:
        done.append(await workers.read(str.lower, name))

    async def run() -> None:
        settings = Settings()
        settings.setmodule("crawler.settings")
        settings.set("CLEAN_WORKERS", 1)
        workers = CrawlWorkers(settings)
        await asyncio.gather(clean(workers, "the worker"), read(workers, "is there"))
        done.clear()
        await asyncio.gather(
            *(clean(workers, f"page-{n}") for n in range(50)), *(read(workers, f"feed-{n}") for n in range(3))
        )
        first = [name for name in done if name.startswith("feed")] + ["page-49"]
        assert sorted(first, key=done.index) == ["feed-0", "feed-1", "feed-2", "page-49"]
        assert done.index("feed-2") < 6, "only what the worker had already goes before"
        await workers.close()

    asyncio.run(run())


def test_slow_calls_do_not_hold_up_quick_ones() -> None:
    async def test(pool: WorkerPool) -> None:
        slow = [asyncio.ensure_future(pool.run(time.sleep, 600)) for _ in range(MAX_SLOW)]
        async with asyncio.timeout(50):
            assert await asyncio.gather(*(pool.run(len, "abc") for _ in range(20))) == [3] * 20
        assert not any(call.done() for call in slow)
        pool.give_up(CallDroppedError("over"))
        for result in await asyncio.gather(*slow, return_exceptions=True):
            assert isinstance(result, CallDroppedError)
        assert await pool.run(len, "abc") == 3

    pool_test(test)


def test_a_slow_call_finishes_at_a_low_priority_and_leaves_its_worker_to_no_other() -> None:
    async def test(pool: WorkerPool) -> None:
        process, niceness = await pool.run(poison.niceness_after, 3)
        assert niceness > 0
        after, niceness = await pool.run(poison.niceness_after, 0)
        assert (after != process, niceness) == (True, 0)

    pool_test(test)


def test_a_call_that_gets_no_core_has_more_time_on_the_clock() -> None:
    async def test(pool: WorkerPool) -> None:
        await pool.run(time.sleep, 2.5)

    pool_test(test, budget=SHORT)


def test_when_a_run_ends_calls_that_wait_are_dropped_and_those_at_work_go_on(tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    async def test(pool: WorkerPool) -> None:
        calls = [asyncio.ensure_future(pool.run(poison.wait_for, mark)) for _ in range(5)]
        async with asyncio.timeout(60):
            while not list(tmp_path.iterdir()):
                await asyncio.sleep(0.01)
        pool.drop_waiting(CallDroppedError("the run is ending"))
        mark.touch()
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert results[0] == "waited"
        assert [type(result) for result in results[1:]] == [CallDroppedError] * 4

    pool_test(test)


def test_a_thread_drops_its_calls_too() -> None:
    async def run() -> None:
        runner = ThreadRunner()
        assert await runner.run(len, "abc") == 3
        with pytest.raises(LookupError):
            await runner.run(poison.fail_to_find, "it")
        calls = [asyncio.ensure_future(runner.run(time.sleep, 0.3)) for _ in range(3)]
        await asyncio.sleep(0.05)
        runner.give_up(CallDroppedError("the run is ending"))
        for result in await asyncio.gather(*calls, return_exceptions=True):
            assert isinstance(result, CallError)
        await runner.close()

    asyncio.run(run())


def test_a_page_that_gives_more_than_a_crawl_can_handle_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    many = Document("", tuple(Block(f"line {number}") for number in range(30_000)))
    long = Document("x" * 5_000_000, (Block("x" * 5_000_000),))
    for document in (many, long):
        monkeypatch.setattr(clean_task, "clean_in_worker", lambda *_, found=document: CleanedResult(found, b""))
        cleaned = unpack_result(clean_task.clean_packed(Page("https://a.example/", b""), None)).document
        assert cleaned.reject is not None
        assert cleaned.reject.reason is RejectReason.TOO_LARGE
        assert cleaned.blocks == ()
