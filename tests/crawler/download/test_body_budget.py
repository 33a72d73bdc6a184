"""Bodies take no more memory than IN_FLIGHT_MAX_MB, whatever hosts send; small ones never wait."""

from __future__ import annotations

import asyncio
import gc

import pytest
from scrapy.http import Response

from crawler.download.body_budget import FREE_BYTES, MB, BodyBudget, GrowingBody
from tests.support.crawling import LOOPBACK, crawl
from tests.support.raw_host import RawHost, whole


class Download:
    """A body that arrives, and whether it is being read."""

    def __init__(self, budget: BodyBudget):
        self.budget, self.reading = budget, True
        self.body = GrowingBody(self.read_on)

    def read_on(self) -> None:
        self.reading = True

    def receive(self, size: int) -> bool:
        self.reading = self.budget.grow(self.body, size)
        return self.reading

    def end(self) -> None:
        self.budget.end(self.body)


def test_a_large_body_waits_until_another_has_ended() -> None:
    budget = BodyBudget(10 * MB)
    first, second = Download(budget), Download(budget)
    assert first.receive(6 * MB)
    assert second.receive(3 * MB)
    assert first.receive(2 * MB), "somebody must go on, or nobody ever ends"
    assert not second.receive(2 * MB)
    first.end()
    assert second.reading
    second.end()
    assert budget.held == 0


def test_small_bodies_never_wait() -> None:
    budget = BodyBudget(10 * MB)
    large = [Download(budget) for _ in range(3)]
    for each in large:
        each.receive(9 * MB)
    assert [each.reading for each in large] == [
        True,
        True,
        False,
    ]  # the first has not grown since, the second is favoured
    assert Download(budget).receive(FREE_BYTES)
    assert not Download(budget).receive(FREE_BYTES + 1)
    assert budget.has_room(FREE_BYTES)
    assert not budget.has_room(FREE_BYTES + 1)


def test_one_that_waits_goes_on_when_the_one_before_it_fails() -> None:
    budget = BodyBudget(10 * MB)
    downloads = [Download(budget) for _ in range(4)]
    for each in downloads:
        each.receive(9 * MB)
    done: list[Download] = []
    while len(done) < len(downloads):
        reading = [each for each in downloads if each.reading and each not in done]
        assert len(reading) >= 1, "nobody goes on"
        reading[0].end()
        done.append(reading[0])
    assert budget.held == 0


def test_ending_twice_counts_once() -> None:
    budget = BodyBudget(10 * MB)
    first = Download(budget)
    first.receive(2 * MB)
    first.end()
    first.end()
    assert budget.held == 0


def test_a_response_counts_until_nobody_holds_it() -> None:
    async def crawl() -> None:
        budget = BodyBudget(10 * MB)
        waiting = Download(budget)
        response: Response | None = Response("https://a.example/", body=bytes(9 * MB))
        budget.hold(response)  # type: ignore[arg-type]
        budget.hold(response)  # type: ignore[arg-type]
        assert budget.held == 9 * MB
        assert not waiting.receive(2 * MB)
        response = None
        gc.collect()
        await asyncio.sleep(0)
        assert budget.held == 2 * MB
        assert waiting.reading

    asyncio.run(crawl())


def test_a_reservation_waits_for_room_and_gives_up_in_time() -> None:
    async def crawl() -> None:
        budget = BodyBudget(10 * MB)
        response = Response("https://a.example/", body=bytes(11 * MB))
        budget.hold(response)
        with pytest.raises(TimeoutError):
            async with budget.reserved(5 * MB, 0.05):
                pass
        assert budget.held == 11 * MB
        second = asyncio.ensure_future(_reserve(budget))
        await asyncio.sleep(0)
        del response
        await second
        assert budget.held == 0

    asyncio.run(crawl())


async def _reserve(budget: BodyBudget) -> None:
    async with budget.reserved(5 * MB, 10):
        assert budget.held == 5 * MB


HOSTS = [f"127.0.1.{n}" for n in range(1, 31)]
LARGE = b"<!doctype html>" + b"a" * 9_900_000


def test_a_crawl_of_large_pages_is_bounded_in_memory_and_reads_them_all() -> None:
    scripts = {"/large": lambda: [whole(LARGE)], "/small": lambda: [whole()]}
    with RawHost(scripts) as host:
        urls = [host.url("/large", name) for name in HOSTS] + [host.url("/small")]
        outcome = crawl(
            [{"url": url, "info": {"kind": "article"}} for url in urls],
            {
                "IN_FLIGHT_MAX_MB": 20,
                "DOWNLOAD_TIMEOUT": 100,
                "WINNOW_ALLOW_PRIVATE_HOSTS": [*HOSTS, *LOOPBACK],
                "EXTENSIONS": {"crawler.extensions.memory_limit.MemoryLimit": 0},
            },
        )
    assert [outcome.results[url].get("bytes") for url in urls[:-1]] == [len(LARGE)] * len(HOSTS)
    assert outcome.log.count("IN_FLIGHT_MAX_MB (20)") == 1
    assert outcome.stats["memusage/max"] < 200 * MB  # they take 300 MB, and an empty crawl 70
    at = {url: outcome.results[url]["at"] for url in urls}
    assert sorted(at.values()).index(at[urls[-1]]) < len(HOSTS) // 2, "a small page waited for the large ones"
