"""Worker processes: what one page can do to the others, and what is left of them when the crawl is gone."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from cleaners import clean_page
from cleaners.document import Document
from cleaners.page import Page, PhraseRule, SiteRules
from crawler.items import FailedPage, FetchedPage
from crawler.pipelines.clean_page import CleanedPage, CleanPipeline
from crawler.workers import clean_task
from crawler.workers.clean_task import CleanedResult, pack_result, unpack_result
from crawler.workers.fork_server_client import ForkServer
from crawler.workers.page_cleaner import PoolPageCleaner, ThreadPageCleaner
from crawler.workers.pool import AHEAD, WorkerPool
from crawler.workers.protocol import CallBudget, CallError, NoWorkerError, WorkerDiedError
from output.duplicates.minhash import signature
from tests.support import poison
from tests.support.clean_pages import story
from tests.support.worker_pools import with_pool

BUDGET = CallBudget(seconds=2.5, megabytes=200)


pool_test = partial(with_pool, budget=BUDGET)


def test_each_poisonous_page_costs_itself_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    plan = ["fine-1", "HANG", "fine-2", "EAT", "SEGFAULT", "fine-3", "RAISE", "KILL", "fine-4"]

    async def run() -> list[Any]:
        pipeline = CleanPipeline(PoolPageCleaner(WorkerPool(1, BUDGET, os.getpid), poison.clean))
        items = [FetchedPage(Page(f"https://a.example/{name}", name.encode()), "", "a.example") for name in plan]
        try:
            return await asyncio.gather(*(pipeline.process_item(item) for item in items))
        finally:
            await pipeline.close_spider()

    results = asyncio.run(run())
    titles = [item.document.title for item in results if isinstance(item, CleanedPage)]
    assert titles == ["fine-1", "fine-2", "fine-3", "fine-4"]
    refused = {item.url.rpartition("/")[2]: item for item in results if isinstance(item, FailedPage)}
    assert {name: (item.rejection.reason, item.rejection.detail) for name, item in refused.items()} == {
        "HANG": ("cleaning_timeout", "not done after 2.5 s"),
        "EAT": ("cleaning_crash", "needs more than 200 MB of memory"),
        "SEGFAULT": ("cleaning_crash", "ended its worker process: SIGSEGV"),
        "RAISE": ("cleaning_crash", "LookupError: a cleaner is at a loss"),
        "KILL": ("cleaning_crash", "ended its worker process: SIGKILL"),
    }
    for item in refused.values():
        assert item.url in caplog.text
    assert "in clean" in caplog.text, "the traceback from the worker is in the log"


def test_the_pages_of_a_site_come_out_in_the_order_in_which_they_came() -> None:
    out: list[str] = []

    class SlowForStories(ThreadPageCleaner):
        async def clean(self, page: Page, rules: SiteRules | None) -> CleanedResult:  # noqa: ARG002
            await asyncio.sleep(0.2 if "story" in str(page.url) else 0)
            return CleanedResult(Document("", title=page.url), b"")

    async def run() -> None:
        pipeline = CleanPipeline(SlowForStories())

        async def clean(site: str, name: str) -> None:
            done = await pipeline.process_item(FetchedPage(Page(f"https://{site}/{name}", b""), "", site))
            out.append(done.document.title)

        await asyncio.gather(clean("a.example", "story"), clean("a.example", "print"), clean("b.example", "print"))
        await clean("a.example", "print")  # nobody waits for a turn that is over
        await pipeline.close_spider()

    asyncio.run(run())
    assert [url.removeprefix("https://") for url in out] == [
        "b.example/print", "a.example/story", "a.example/print", "a.example/print"
    ]  # fmt: skip


def test_a_pool_gives_what_cleaning_in_process_gives() -> None:
    rules = SiteRules("The Example", phrases=(PhraseRule("Sent from my desk.", "promotion"),))
    given = [
        Page("https://a.example/1", story("one") + b"<p>Sent from my desk.</p>"),
        Page("https://a.example/2", story("two").replace(b"<p>", b"<p>\xe4 ")),
        Page(None, b""),
        Page("https://a.example/4", b"\x00\x01 no page", {"content-type": "text/html"}),
        Page("https://a.example/5", story("five"), more=(story("five, second page"),), feed_html="<p>In the feed.</p>"),
    ]

    async def run(cleaner: PoolPageCleaner | ThreadPageCleaner) -> list[Any]:
        try:
            return await asyncio.gather(*(cleaner.clean(page, rules) for page in given))
        finally:
            await cleaner.close()

    in_pool = asyncio.run(run(PoolPageCleaner(WorkerPool(2, CallBudget(), clean_task.warm_up_pages))))
    assert in_pool == asyncio.run(run(ThreadPageCleaner()))
    assert [one.document for one in in_pool] == [clean_page(page, rules=rules) for page in given]
    assert [one.signature for one in in_pool] == [
        signature(one.document.text) if one.document.text else b"" for one in in_pool
    ]


def test_a_document_comes_through_the_wire_as_it_was() -> None:
    document = clean_page(Page("https://a.example/1", story("one") + b"<aside>Read more: <a href=/2>Two</a></aside>"))
    assert any(block.dropped_by for block in document.blocks)
    cleaned = CleanedResult(document, signature(document.text))
    assert unpack_result(pack_result(cleaned)) == cleaned


def test_calls_wait_here_not_in_pipes() -> None:
    async def test(pool: WorkerPool) -> None:
        calls = [asyncio.ensure_future(pool.run(time.sleep, 0.02)) for _ in range(20)]
        most = 0
        while not all(call.done() for call in calls):
            most = max(most, pool.sent)
            await asyncio.sleep(0.005)
        assert most == 2 * AHEAD

    pool_test(test, size=2)


def test_a_worker_killed_while_idle_is_replaced_without_a_loss() -> None:
    async def test(pool: WorkerPool) -> None:
        before = await pool.run(os.getpid)
        os.kill(before, signal.SIGKILL)
        assert await pool.run(os.getpid) != before

    pool_test(test)


@pytest.mark.parametrize("victim", [0, 1], ids=["worker", "server"])
def test_a_call_is_given_to_another_worker_where_only_the_server_was_killed(tmp_path: Path, victim: int) -> None:
    mark = tmp_path / "mark"

    async def test(pool: WorkerPool) -> None:
        call = asyncio.ensure_future(pool.run(poison.hang_at_first, mark))
        others = [asyncio.ensure_future(pool.run(len, "abc")) for _ in range(5)]
        async with asyncio.timeout(60):
            while not mark.exists():
                await asyncio.sleep(0.01)
        os.kill(int(mark.read_text().split()[victim]), signal.SIGKILL)
        if victim:
            assert await call == "done"
        else:
            with pytest.raises(WorkerDiedError, match="SIGKILL"):
                await call
        assert await asyncio.gather(*others) == [3] * 5

    pool_test(test, budget=CallBudget(seconds=0))


def test_a_server_killed_while_idle_is_replaced_without_a_loss() -> None:
    async def test(pool: WorkerPool) -> None:
        for _ in range(4):
            worker, server = await pool.run(os.getpid), await pool.run(os.getppid)
            os.kill(server, signal.SIGKILL)
            async with asyncio.timeout(60):
                while await pool.run(os.getpid) == worker:
                    pass  # it takes its worker along, but not at once
            assert await pool.run(os.getppid) != server

    pool_test(test)


def test_a_call_that_kills_the_server_each_time_costs_itself() -> None:
    async def test(pool: WorkerPool) -> None:
        bad, good = pool.run(poison.end_all), [pool.run(len, "abc") for _ in range(5)]
        results = await asyncio.gather(bad, *good, return_exceptions=True)
        assert isinstance(results[0], WorkerDiedError)
        assert results[1:] == [3] * 5

    pool_test(test, budget=CallBudget(seconds=0))


def test_calls_that_are_not_done_fail_with_the_pool(tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    async def test(pool: WorkerPool) -> None:
        calls = [asyncio.ensure_future(pool.run(poison.hang_at_first, mark)) for _ in range(5)]
        async with asyncio.timeout(60):
            while not mark.exists():
                await asyncio.sleep(0.01)
        processes = [psutil.Process(int(word)) for word in mark.read_text().split()]
        await pool.close()
        assert not any(process.is_running() for process in processes)
        for call in calls:
            with pytest.raises(CallError):
                await call
        assert "closed" in str(calls[-1].exception())
        with pytest.raises(CallError, match="closed"):
            await pool.run(len, "abc")

    pool_test(test, budget=CallBudget(seconds=0))


def test_what_workers_use_of_the_processor_is_known_once_the_pool_is_closed() -> None:
    def children() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = children()
    used: list[float] = []

    async def test(pool: WorkerPool) -> None:
        used.append(await pool.run(poison.burn, 0.5))

    pool_test(test)
    assert children() - before > 0.9 * used[0]


def test_the_server_has_one_thread_when_it_forks() -> None:
    async def run() -> None:
        pool = WorkerPool(1, CallBudget(), clean_task.warm_up_pages)
        try:
            server = psutil.Process(await pool.run(os.getppid))
            assert server.num_threads() == 1
        finally:
            await pool.close()

    asyncio.run(run())


def test_what_the_warm_up_logs_is_logged_here(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        pool = WorkerPool(2, BUDGET, partial(logging.getLogger("models").warning, "models are old"))
        await asyncio.gather(*(pool.run(len, "abc") for _ in range(4)))
        await pool.close()

    asyncio.run(run())
    assert [record.getMessage() for record in caplog.records] == ["models are old"]


def test_workers_are_replaced_after_so_many_calls_and_no_call_is_lost() -> None:
    async def test(pool: WorkerPool) -> None:
        processes = await asyncio.gather(*(pool.run(os.getpid) for _ in range(20)))
        assert [processes.count(process) for process in dict.fromkeys(processes)] == [7, 7, 6]
        assert not any(psutil.pid_exists(process) for process in processes[:7])

    pool_test(test, budget=CallBudget(calls=7))


def test_a_server_that_was_started_ahead_forks_the_workers_or_ends_with_the_pool() -> None:
    ahead = ForkServer(os.getpid)
    before = {child.pid for child in psutil.Process().children()}

    async def run() -> tuple[int, int]:
        used = WorkerPool(1, BUDGET, os.getpid, ahead)
        unused = WorkerPool(1, BUDGET, os.getpid)
        used.expect()
        unused.expect()  # starts one, since it has none
        unused.expect()
        (idle,) = {child.pid for child in psutil.Process().children()} - before
        try:
            return await used.run(os.getppid), idle
        finally:
            await unused.close()
            await used.close()

    server, idle = asyncio.run(run())
    assert server == ahead.process.pid
    assert not psutil.pid_exists(idle)
    assert not psutil.pid_exists(server)


def test_what_can_wait_is_warmed_up_until_there_are_calls(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    server = ForkServer(partial(poison.warm_up_at_leisure, mark))

    async def run() -> list[str]:
        async with asyncio.timeout(60):
            while not mark.exists():
                await asyncio.sleep(0.01)
        pool = WorkerPool(1, BUDGET, os.getpid, server)
        try:
            return await pool.run(poison.read)
        finally:
            await pool.close()

    assert asyncio.run(run()) == ["models"]


def test_calls_do_not_wait_for_what_can_wait() -> None:
    async def run() -> int:
        pool = WorkerPool(1, BUDGET, poison.warm_up_for_long)
        try:
            return await pool.run(len, "abc")
        finally:
            await pool.close()

    assert asyncio.run(asyncio.wait_for(run(), 60)) == 3


def test_what_cannot_be_sent_or_sent_back_fails_alone() -> None:
    async def test(pool: WorkerPool) -> None:
        with pytest.raises(CallError, match="pickle"):
            await pool.run(callable, lambda: 0)
        with pytest.raises(CallError, match="pickle"):
            await pool.run(os.scandir, ".")
        assert await pool.run(len, "abc") == 3

    pool_test(test)


def test_workers_that_cannot_start_are_told_in_one_line() -> None:
    async def run() -> None:
        pool = WorkerPool(1, BUDGET, partial(int, "no model here"))
        with pytest.raises(NoWorkerError, match=r"no worker process starts: ValueError.*no model here"):
            await pool.run(os.getpid)
        await pool.close()

    asyncio.run(run())


def test_an_interrupt_of_the_process_group_does_not_reach_workers() -> None:
    async def test(pool: WorkerPool) -> None:
        assert os.getpgid(await pool.run(os.getpid)) != os.getpgrp()

    pool_test(test)


@pytest.mark.parametrize("work", ["time.sleep, 60", "re.match, '(a+)+$', 'a' * 64 + 'b'", None])
def test_no_worker_outlives_its_parent(tmp_path: Path, work: str | None) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import asyncio, os, re, time\n"
        "from crawler.workers.protocol import CallBudget\n"
        "from crawler.workers.pool import WorkerPool\n"
        "async def run():\n"
        "    pool = WorkerPool(1, CallBudget(), os.getpid)\n"
        "    print(await pool.run(os.getpid), flush=True)\n"
        f"    await {f'pool.run({work})' if work else 'asyncio.sleep(60)'}\n"
        "asyncio.run(run())\n"
    )
    root = Path(clean_task.__file__).parents[4]
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}
    ) as parent:
        assert parent.stdout
        worker = psutil.Process(int(parent.stdout.readline()))
        server = worker.parent()
        assert server
        assert server.ppid() == parent.pid
        time.sleep(0.2)  # the call is under way
        parent.kill()
    left = psutil.wait_procs([worker, server], 30)[1]
    for process in left:
        process.kill()
    assert not left, "they went on without their parent"
