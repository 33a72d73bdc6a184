"""A host that responds with 429 or 503 is paused for as long as it requests, and the others are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from crawler.middlewares.throttle import LONGEST_PAUSE, MAX_FAILURES, backoff_seconds, retry_after
from tests.support.crawling import LOOPBACK, Answer, Hosts, Outcome, crawl

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90),
        ("Sunday, 01-Mar-26 12:01:30 GMT", 90),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),  # in the past: no wait
        ("99999999999999999999", 999_999_999),
        ("00000000000000000120", 120),
        ("Sun, 01 Mar 99999999999999999999 12:01:30 GMT", None),
        ("Sun, 01 Mar 2026 12:01:30 +99999999999999999999", None),
        ("Sun, 01 Mar 2026 99999999999999999999:01:30 GMT", None),
        ("Sun, 99999999999999999999 Mar 2026 12:01:30 GMT", None),
        ("Sun, 01 Mar 10000 12:01:30 GMT", None),
        ("Sun, " * 200_000, None),
        ("9" * 1_000_000, 999_999_999),
        ("\u0662", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_without_retry_after_the_wait_doubles_within_bounds() -> None:
    for failures in range(1, 6):
        assert 2.0**failures <= backoff_seconds(failures) <= 1.5 * 2.0**failures
    assert backoff_seconds(2000) == LONGEST_PAUSE


PAUSED, OTHER, HOURS, STUBBORN, DATED, PLAIN, DOWN = LOOPBACK[:7]


def busy(times: int, status: int = 429, **headers: str) -> object:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda n: Answer(b"not now", status, named) if n <= times else Answer()


@pytest.fixture(scope="module")
def crawled() -> Iterator[tuple[Hosts, Outcome]]:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=5), usegmt=True)
    answers = {
        f"{PAUSED}/0": busy(1, Retry_After="2"),
        f"{HOURS}/0": busy(1, 503, Retry_After="7200"),
        f"{STUBBORN}/0": busy(9, Retry_After="0"),
        f"{DATED}/0": busy(1, 503, Retry_After=soon),
        f"{PLAIN}/0": busy(1, 503),
        f"{OTHER}/4": Answer(seconds=0.3),
        **{f"{DOWN}/{n}": Answer(hangs_up=True) for n in range(5)},
    }
    with Hosts(answers) as hosts:  # type: ignore[arg-type]
        urls = [hosts.url(f"/{n}", host) for n in range(5) for host in LOOPBACK[:7]]
        yield hosts, crawl(urls, {"CONCURRENT_REQUESTS": 4})


def test_no_request_reaches_a_host_before_the_time_that_it_requested(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert hosts.paths(PAUSED) == ["/robots.txt", "/0", "/1", "/2", "/3", "/4", "/0"]
    busy_at, next_at = hosts.times(PAUSED)[1:3]
    assert next_at - busy_at >= 2
    assert all(outcome.reason(hosts.url(f"/{n}", PAUSED)) is None for n in range(5))


def test_other_hosts_are_crawled_meanwhile(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, _ = crawled
    assert len(hosts.times(OTHER)) == 6
    assert hosts.times(OTHER)[-1] < hosts.times(PAUSED)[2]


def test_retry_after_may_be_a_date(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert hosts.times(DATED)[2] - hosts.times(DATED)[1] >= 1
    assert outcome.reason(hosts.url("/0", DATED)) is None


def test_a_host_is_paused_even_without_retry_after(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert hosts.times(PLAIN)[2] - hosts.times(PLAIN)[1] >= 2
    assert outcome.reason(hosts.url("/0", PLAIN)) is None


def test_a_host_that_requests_hours_is_left_out_of_the_run(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert hosts.paths(HOURS) == ["/robots.txt", "/0"]
    for n in range(5):
        result = outcome.results[hosts.url(f"/{n}", HOURS)]
        assert (result["reason"], result["status"]) == ("http_error", 503)
        assert "asks to wait 7200 s" in result["detail"]
    assert outcome.log.count("asks to wait 7200 s: left out of the rest of this run") == 1


def test_a_page_that_stays_throttled_fails_after_a_few_tries(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert hosts.paths(STUBBORN).count("/0") == 3
    assert outcome.reason(hosts.url("/0", STUBBORN)) == "http_error"
    assert outcome.reason(hosts.url("/4", STUBBORN)) is None


def test_a_host_that_went_down_does_not_hold_up_the_run_page_by_page(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    # Of 5 pages with 3 tries each. Twisted sends one more if a kept connection turns out to be closed.
    assert len(hosts.paths(DOWN)) in (1 + MAX_FAILURES, 2 + MAX_FAILURES)
    results = [outcome.results[hosts.url(f"/{n}", DOWN)] for n in range(5)]
    assert {result["reason"] for result in results} <= {"download_failed", "DownloadFailedError"}
    assert "cannot be reached (DownloadFailedError), 6 times in a row" in results[-1]["detail"]
