"""What hosts have answered is kept of so many, and of no host twice while it is asked."""

from __future__ import annotations

import asyncio

from crawler.middlewares.last_known import LastKnown


def test_who_was_asked_for_longest_ago_goes_but_not_while_it_is_waited_for() -> None:
    async def ask() -> tuple[list[str], list[str]]:
        known: LastKnown[str, int] = LastKnown(most=2)
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
