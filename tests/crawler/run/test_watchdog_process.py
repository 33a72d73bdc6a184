"""Test what the watchdog makes of a page: which lines it says when, and when it kills."""

from __future__ import annotations

import asyncio
import signal
import time

import pytest

from crawler.run.loop_record import LoopRecord, TurnSelector
from crawler.run.watchdog_process import FINISHING, GRACE, PAGE_BYTES, Watch


class Watched:
    """A record and the watch that reads along."""

    def __init__(self, stall: float = 10, ending: float = 20):
        page = bytearray(PAGE_BYTES)
        self.record, self.watch = LoopRecord(page), Watch(page, stall, ending)

    def pass_time(self, seconds: float) -> list[str]:
        """Let so many seconds pass, a quarter at a time."""
        lines = []
        for _ in range(int(seconds * 4)):
            if not self.watch.kills:
                lines += self.watch.pass_time(0.25)
        return lines


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_a_loop_that_waits_or_turns_is_not_worth_a_word(watched: Watched) -> None:
    watched.record.start_crawl()
    for _ in range(3):
        watched.record.begin_turn()
        assert watched.pass_time(9) == []
        watched.record.end_turn()
        assert watched.pass_time(100) == []


def test_a_loop_that_stands_still_is_told_once_and_when_it_goes_on(watched: Watched) -> None:
    watched.record.begin_turn()
    with watched.record.at_work("one.example", "reading the feed"):
        assert watched.pass_time(60) == ["the event loop has stood still for 10 s in one.example: reading the feed"]
    watched.record.end_turn()
    (line,) = watched.pass_time(60)
    assert line == "the event loop goes on: it had stood still for 60 s in one.example: reading the feed"


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ("https://one.example/\x1b]0;title\x07\n\u202e", "https://one.example/?]0;title???"),
        ("https://one.example/\ud83d", "https://one.example/?"),
        ("https://one.example/ü", "https://one.example/ü"),
    ],
)
def test_what_an_outlet_sent_is_shown_as_plain_text(watched: Watched, seen: str, said: str) -> None:
    watched.record.begin_turn()
    with watched.record.at_work("one.example", seen):
        (line,) = watched.pass_time(11)
    assert line.endswith(f"in one.example: {said}")


@pytest.mark.parametrize("long", ["x" * 100_000, "ü" * 100_000, "\U0001f4f0" * 100_000])
def test_a_long_url_is_cut(watched: Watched, long: str) -> None:
    watched.record.begin_turn()
    with watched.record.at_work("one.example", long):
        (line,) = watched.pass_time(11)
    assert f"in one.example: {long[:50]}" in line
    assert len(line.encode()) < 600, "a pipe takes it in one piece"


def test_work_within_work_is_told_and_then_the_outer_one_again(watched: Watched) -> None:
    watched.record.begin_turn()
    with watched.record.at_work("one.example", "outer"):
        with watched.record.at_work("two.example", "inner"):
            pass
        assert watched.pass_time(11)[0].endswith("in one.example: outer")
    watched.record.begin_turn()
    time.sleep(0.01)
    watched.record.begin_turn()
    assert watched.pass_time(11)[-1].endswith("after one.example: outer")


def test_a_signal_that_the_loop_hears_is_not_worth_a_word(watched: Watched) -> None:
    assert watched.watch.hear(signal.SIGTERM) == []
    watched.record.begin_turn()
    assert watched.pass_time(9) == []
    watched.record.end_turn()
    assert watched.pass_time(9) == []
    assert not watched.watch.kills


def test_a_signal_limits_the_run_whether_its_loop_hangs_or_turns(watched: Watched) -> None:
    watched.watch.hear(signal.SIGTERM)
    for _ in range(22):
        watched.record.begin_turn()
        assert watched.pass_time(1) == []
    (line,) = watched.pass_time(1)
    assert line.startswith("the run did not end in time after SIGTERM: killed")
    assert watched.watch.kills


def test_a_run_that_finishes_its_files_gets_time_for_it(watched: Watched) -> None:
    watched.watch.hear(signal.SIGTERM)
    assert watched.pass_time(20) == []
    watched.record.finish()
    watched.record.begin_turn()
    assert watched.pass_time(FINISHING - 1) == ["the event loop has stood still for 10 s in finishing the files"]
    assert not watched.watch.kills
    assert "killed in finishing the files" in watched.pass_time(2)[-1]


def test_a_signal_that_comes_while_files_are_finished_leaves_the_time(watched: Watched) -> None:
    watched.record.finish()
    watched.watch.hear(signal.SIGINT)
    watched.pass_time(FINISHING - 1)
    assert not watched.watch.kills


def test_the_budget_counts_from_when_it_is_set_and_a_later_signal_does_not_lengthen_it(watched: Watched) -> None:
    watched.pass_time(100)
    watched.record.set_budget(60)
    assert watched.pass_time(60 + 20) == []
    watched.watch.hear(signal.SIGTERM)
    (line,) = watched.pass_time(GRACE + 1)
    assert line.startswith("the run did not end in time after its budget: killed")


def test_without_budget_or_signal_nothing_is_killed(watched: Watched) -> None:
    watched.record.begin_turn()
    watched.pass_time(10_000)
    assert not watched.watch.kills


def test_a_crawl_that_has_not_begun_may_wait_for_its_urls(watched: Watched) -> None:
    watched.record.begin_turn()
    assert watched.pass_time(1000) == []
    watched.record.start_crawl()
    (line,) = watched.pass_time(1000)
    assert line == "the event loop has stood still for 10 s after the crawl: opening the spider"


def test_no_stall_is_told_where_none_is_wanted() -> None:
    watched = Watched(stall=0)
    watched.record.begin_turn()
    assert watched.pass_time(1000) == []


def test_the_loop_records_its_longest_turn_and_what_it_was_in() -> None:
    record = LoopRecord()

    async def crawl() -> None:
        record.start_crawl()
        await asyncio.sleep(0.3)  # no turn: it waits
        with record.at_work("one.example", "short"):
            pass
        await asyncio.sleep(0)
        with record.at_work("two.example", "long"):
            time.sleep(0.1)
        await asyncio.sleep(0)
        until = time.thread_time() + 0.05
        while time.thread_time() < until:
            pass
        await asyncio.sleep(0)
        record.finish()
        time.sleep(0.2)

    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(TurnSelector(record))) as runner:
        runner.run(crawl())
    assert record.longest >= 0.1
    assert record.longest_cpu >= 0.05
    assert record.longest_work == "two.example: long"
    assert record.longest_at_end >= 0.2
