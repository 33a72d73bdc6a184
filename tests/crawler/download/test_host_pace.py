"""A host gets one request at a time, never before its delay is over, and holds up no other host."""

from __future__ import annotations

from itertools import pairwise

import pytest
from scrapy import Request
from scrapy.settings import Settings

from cleaners.rejection import Rejection, RejectReason
from crawler.politeness.host_pace import HostPace, HostPaces
from crawler.requests.request_info import RequestInfo, as_meta
from tests.support.crawling import LOOPBACK, Answer, Hosts, crawl

FIRST, SECOND, THIRD = LOOPBACK[:3]


def gaps(hosts: Hosts, host: str) -> list[float]:
    return [later - earlier for earlier, later in pairwise(hosts.times(host))]


def test_the_delay_counts_from_the_end_of_a_response_and_never_shrinks() -> None:
    for _ in range(50):
        pace = HostPace(delay=2.0, jitter=0.25)
        assert pace.wait(100.0) <= 0  # nothing was requested yet
        pace.end(100.0)
        assert 2.0 <= pace.wait(100.0) <= 2.5


@pytest.mark.parametrize(("delay", "crawl_delay", "wait"), [(2, 5, 5), (2, 1, 2), (0, 3, 3), (0, 0, 0)])
def test_the_longer_of_our_delay_and_the_hosts_counts(delay: float, crawl_delay: float, wait: float) -> None:
    pace = HostPace(delay=delay, crawl_delay=crawl_delay)
    pace.end(50.0)
    assert pace.wait(50.0) == wait


def test_a_pause_outlasts_the_delay() -> None:
    pace = HostPace(delay=1.0, paused_until=90.0)
    pace.end(50.0)
    assert pace.wait(50.0) == 40.0


@pytest.mark.parametrize(
    ("pace", "replaceable"),
    [
        (HostPace(1, ended=100), True),
        (HostPace(1, crawl_delay=30, ended=100), True),
        (HostPace(1, crawl_delay=60, ended=235), False),
        (HostPace(1), False),  # its robots.txt is in progress
        (HostPace(1, ended=100, paused_until=900), False),
        (HostPace(1, ended=100, failures=2), False),
        (HostPace(1, ended=100, closed=Rejection(RejectReason.HTTP_ERROR, "HTTP 429", 429)), False),
    ],
)
def test_a_pace_is_dropped_only_if_it_makes_no_difference(pace: HostPace, replaceable: bool) -> None:
    assert pace.is_replaceable(300) is replaceable


def test_a_host_has_one_pace_however_it_is_written_and_keeps_it_while_in_use() -> None:
    paces = HostPaces(Settings({"DOWNLOAD_DELAY": 2, "DOWNLOAD_SLOTS": {"slow.example": {"delay": 9}}}))
    pace = paces.of(Request("https://A.example./one"))
    assert paces.of(Request("http://a.example:8080/two", meta=as_meta(RequestInfo(delay=3)))) is pace
    assert (pace.delay, paces.of(Request("https://slow.example/")).delay) == (3, 9)
    pace.end(100)
    paces.drop_idle(300, in_use={"a.example"})
    assert paces.of(Request("https://a.example/")) is pace
    paces.drop_idle(300, in_use=())
    assert paces.of(Request("https://a.example/")) is not pace


def test_the_profiles_delay_applies_or_else_ours() -> None:
    with Hosts({"/slow": Answer(seconds=0.3)}) as hosts:
        urls = [hosts.url(f"/{n}") for n in range(3)] + [hosts.url("/slow"), hosts.url("/last")]
        profiled = [{"url": hosts.url(f"/{n}", SECOND), "info": {"delay": 0.6}} for n in range(3)]
        crawl([*urls, *profiled], {"DOWNLOAD_DELAY": 0.3, "PRIORITY": "project"})
    assert len(gaps(hosts, FIRST)) == 5  # with robots.txt, which counts as a request
    assert min(gaps(hosts, FIRST)) >= 0.3
    assert gaps(hosts, FIRST)[-1] >= 0.6  # from the end of the slow response
    assert min(gaps(hosts, SECOND)) >= 0.6


def test_without_delay_requests_to_a_host_never_overlap_and_none_waits_for_another_host() -> None:
    answers = {f"{FIRST}/{n}": Answer(seconds=0.02) for n in range(20)} | {f"{SECOND}/0": Answer(seconds=1.2)}
    with Hosts(answers) as hosts:
        slow = [{"url": hosts.url(f"/{n}", SECOND), "info": {"delay": 9}, "priority": 9} for n in range(3)]
        fast = [hosts.url(f"/{n}") for n in range(20)] + [hosts.url(f"/{n}", THIRD) for n in range(5)]
        outcome = crawl([*slow, *fast], {"DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS": 3})
    assert len(outcome.results) == 28
    assert max(request.active for request in hosts.received) == 1
    # While the slow host's first request was in progress.
    before = [at for at in hosts.times(FIRST) if at < hosts.times(SECOND)[2]]
    assert len(before) >= 5  # though the slow host's three came first, and only three may be in progress
    assert max(gaps(hosts, SECOND)) < 3  # -s DOWNLOAD_DELAY=0 overrides a profile's delay
