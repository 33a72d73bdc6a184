"""The host cache is bounded, and fetches once for concurrent callers."""

from __future__ import annotations

import asyncio

import pytest

from crawler.politeness.host_cache import HostCache


def test_the_least_recently_used_answer_is_dropped_unless_it_is_in_progress() -> None:
    async def run() -> tuple[list[str], list[str]]:
        cache: HostCache[str, int] = HostCache(lambda _: 1, max_hosts=2)
        slow = cache.begin("slow")
        for host in ("a", "b", "c"):
            cache.begin(host).set_result(1)
        in_progress = [host for host in ("slow", "a", "b", "c") if host in cache]
        slow.set_result(2)
        assert await cache["slow"] == 2  # used again: the others are older now
        cache.begin("d").set_result(1)
        return in_progress, [host for host in ("slow", "a", "b", "c", "d") if host in cache]

    in_progress, after = asyncio.run(run())
    assert "slow" in in_progress
    assert after == ["slow", "d"]


def test_heavy_answers_leave_room_for_few_others() -> None:
    async def run() -> list[list[str]]:
        cache: HostCache[str, int] = HostCache(lambda weight: weight, max_weight=10)
        seen = []
        for host, weight in (("a", 4), ("b", 4), ("c", 4), ("giant", 50), ("d", 1)):
            cache.begin(host).set_result(weight)
            await asyncio.sleep(0)
            seen.append([each for each in ("a", "b", "c", "giant", "d") if each in cache])
        return seen

    assert asyncio.run(run()) == [["a"], ["a", "b"], ["b", "c"], ["giant"], ["d"]]


def test_concurrent_callers_share_one_fetch_and_none_waits_for_ever_if_it_fails() -> None:
    fetched: list[str] = []

    async def fetch(host: str) -> int:
        fetched.append(host)
        await asyncio.sleep(0)
        if host == "dead":
            raise OSError(host)
        return 1

    async def run() -> list[int | BaseException]:
        cache: HostCache[str, int] = HostCache(lambda _: 1)
        hosts = ("alive", "alive", "dead", "dead")
        at_once = [cache.get_or_fetch(host, lambda host=host: fetch(host), failed=0) for host in hosts]  # type: ignore[misc]
        answers = await asyncio.gather(*at_once, return_exceptions=True)
        return [*answers, await cache.get_or_fetch("alive", lambda: fetch("alive"), failed=0)]

    first, second, failed, other, later = asyncio.run(run())
    assert fetched == ["alive", "dead"]
    assert (first, second, other, later) == (1, 1, 0, 1)
    with pytest.raises(OSError, match="dead"):
        raise failed  # type: ignore[misc]
