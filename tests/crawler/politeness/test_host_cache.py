"""What hosts have answered is kept of so many, and of no host twice while it is asked."""

from __future__ import annotations

import asyncio

import pytest

from crawler.politeness.host_cache import HostCache


def test_who_was_asked_for_longest_ago_goes_but_not_while_it_is_waited_for() -> None:
    async def ask() -> tuple[list[str], list[str]]:
        known: HostCache[str, int] = HostCache(max_hosts=2)
        slow = known.begin("slow")
        for host in ("a", "b", "c"):
            known.begin(host).set_result(1)
        waited_for = [host for host in ("slow", "a", "b", "c") if host in known]
        slow.set_result(2)
        assert await known["slow"] == 2  # asked for again: the others are older now
        known.begin("d").set_result(1)
        return waited_for, [host for host in ("slow", "a", "b", "c", "d") if host in known]

    waited_for, after = asyncio.run(ask())
    assert "slow" in waited_for
    assert after == ["slow", "d"]


def test_all_who_ask_share_one_fetch_and_none_is_left_waiting_by_one_that_failed() -> None:
    asked: list[str] = []

    async def fetch(host: str) -> int:
        asked.append(host)
        await asyncio.sleep(0)
        if host == "dead":
            raise OSError(host)
        return 1

    async def ask() -> list[int | BaseException]:
        known: HostCache[str, int] = HostCache()
        hosts = ("alive", "alive", "dead", "dead")
        at_once = [known.get_or_fetch(host, lambda host=host: fetch(host), failed=0) for host in hosts]  # type: ignore[misc]
        answers = await asyncio.gather(*at_once, return_exceptions=True)
        return [*answers, await known.get_or_fetch("alive", lambda: fetch("alive"), failed=0)]

    first, second, failed, other, later = asyncio.run(ask())
    assert asked == ["alive", "dead"]
    assert (first, second, other, later) == (1, 1, 0, 1)
    with pytest.raises(OSError, match="dead"):
        raise failed  # type: ignore[misc]
