"""Parse robots.txt, and check that a crawl obeys it."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawler.middlewares.robots import RobotsMiddleware
from crawler.politeness.robots_rules import ROBOTS_READ_BYTES, read_robots
from tests.support.crawling import LOOPBACK, Answer, Answers, Hosts, Outcome, crawl

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN = {"Content-Type": "text/plain"}
URL = "https://news.example/private/a"
FORBID = b"User-agent: *\nDisallow: /private/\n"


@pytest.mark.parametrize(
    ("status", "body", "allowed"),
    [
        (200, FORBID, False),
        (200, b"", True),
        (204, b"", True),
        (301, b"", True),  # redirects that lead nowhere count as no file
        (401, FORBID, True),
        (404, FORBID, True),
        (429, b"", False),
        (500, b"", False),
        (503, b"User-agent: *\nAllow: /", False),  # the body of an error contains no rules
        (200, b"\xef\xbb\xbf" + FORBID, False),
        (200, FORBID.replace(b"\n", b"\r"), False),
        (200, b"\xff\xfe\x00junk \xe9\n" + FORBID, False),
        (200, bytes(range(256)) * 50, True),
        (200, b"<!DOCTYPE html>\n<p>User-agent: *\nDisallow: /private/", True),  # a page instead of the file
        (200, b"User-agent: winnow\nAllow: /\n\n" + FORBID, True),  # only the group that names us counts
        (200, b"User-agent: *\nAllow: /\n\nUser-agent: WINNOW\nDisallow: /", False),
        (200, b"User-agent: other-winnow\nDisallow: /", True),
        (200, b"User-agent: *\nDisallow: /\nAllow: /private/a$", True),  # the longest match wins
        (200, b"User-agent: *\n" + b"#\n" * ROBOTS_READ_BYTES + b"Disallow: /", True),  # beyond the limit
    ],
)
def test_what_a_response_for_robots_txt_allows(status: int, body: bytes, allowed: bool) -> None:
    assert (read_robots(status, body).why_not(URL) is None) is allowed


@pytest.mark.parametrize(("line", "seconds"), [("1.5", 1.5), ("x", 0), ("-3", 0), ("nan", 0), ("", 0)])
def test_crawl_delay_is_a_number_of_seconds_or_nothing(line: str, seconds: float) -> None:
    assert read_robots(200, f"User-agent: *\nCrawl-delay: {line}".encode()).delay == seconds


def test_a_forbidden_url_gets_a_reason() -> None:
    assert read_robots(500, b"").why_not(URL) == "robots.txt answers 500, so nothing may be fetched"
    assert read_robots(200, FORBID).why_not(URL) == "forbidden by robots.txt"


RULES, NONE, BROKEN, ELSEWHERE, LATER, DEAD, ENDLESS, LOOP, DELAYED = LOOPBACK


@pytest.fixture(scope="module")
def crawled() -> Iterator[tuple[Hosts, Outcome]]:
    """Request three pages at once from each of nine hosts that answer differently for robots.txt."""
    sitemaps = b"Sitemap: https://a.example/one.xml\nSitemap: https://a.example/two.xml\n"
    answers: Answers = {
        f"{RULES}/robots.txt": Answer(FORBID + sitemaps, headers=PLAIN, seconds=0.2),
        f"{BROKEN}/robots.txt": Answer(b"User-agent: *\nAllow: /", 500, PLAIN),
        f"{ELSEWHERE}/robots.txt": Answer(b"", 302, {"Location": f"http://{RULES}:{{port}}/robots.txt"}),
        f"{LATER}/robots.txt": lambda n: Answer(FORBID, 503 if n == 1 else 200, PLAIN | {"Retry-After": "1"}),
        f"{DEAD}/robots.txt": Answer(seconds=4),
        f"{ENDLESS}/robots.txt": Answer(FORBID + b"# more\n" * 100_000, headers=PLAIN, length=-1),
        f"{LOOP}/robots.txt": Answer(b"", 302, {"Location": "/robots.txt?again"}),
        f"{LOOP}/robots.txt?again": Answer(b"", 302, {"Location": "/robots.txt?again"}),
        f"{DELAYED}/robots.txt": Answer(b"User-agent: *\nCrawl-delay: 0.5", headers=PLAIN),
    }
    with Hosts(answers) as hosts:
        urls = [hosts.url(path, host) for host in LOOPBACK for path in ("/a", "/b", "/private/c")]
        yield hosts, crawl(urls, {"DOWNLOAD_TIMEOUT": 1})


def reasons(crawled: tuple[Hosts, Outcome], host: str) -> list[str | None]:
    hosts, outcome = crawled
    return [outcome.reason(hosts.url(path, host)) for path in ("/a", "/b", "/private/c")]


def test_forbidden_urls_are_never_requested(crawled: tuple[Hosts, Outcome]) -> None:
    assert reasons(crawled, RULES) == [None, None, "robots"]
    assert not any(request.path.startswith("/private/") for request in crawled[0].received if request.host == RULES)


def test_robots_txt_is_fetched_first_and_once_however_many_pages_wait_for_it(crawled: tuple[Hosts, Outcome]) -> None:
    assert crawled[0].paths(NONE) == ["/robots.txt", "/a", "/b", "/private/c"]
    assert crawled[0].paths(RULES)[0] == "/robots.txt"


def test_every_response_carries_the_sitemaps_of_robots_txt(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    expected = ["https://a.example/one.xml", "https://a.example/two.xml"]
    assert outcome.results[hosts.url("/a", RULES)]["sitemaps"] == expected
    assert outcome.results[hosts.url("/a", ELSEWHERE)]["sitemaps"] == expected
    assert outcome.results[hosts.url("/a", NONE)]["sitemaps"] == []


def test_everything_is_allowed_without_robots_txt(crawled: tuple[Hosts, Outcome]) -> None:
    assert reasons(crawled, NONE) == [None, None, None]
    assert reasons(crawled, LOOP) == [None, None, None]


@pytest.mark.parametrize("host", [BROKEN, DEAD])
def test_nothing_is_allowed_if_robots_txt_cannot_be_fetched(crawled: tuple[Hosts, Outcome], host: str) -> None:
    assert reasons(crawled, host) == ["robots"] * 3
    assert crawled[0].paths(host) == ["/robots.txt", "/robots.txt"]  # retried once; no page is fetched


def test_the_reason_says_why_robots_txt_could_not_be_fetched(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert "took longer than" in outcome.results[hosts.url("/a", DEAD)]["detail"]
    assert "answers 500" in outcome.results[hosts.url("/a", BROKEN)]["detail"]


def test_robots_txt_may_redirect_to_another_host(crawled: tuple[Hosts, Outcome]) -> None:
    assert reasons(crawled, ELSEWHERE) == [None, None, "robots"]


def test_robots_txt_is_retried_after_the_time_that_the_host_requested(crawled: tuple[Hosts, Outcome]) -> None:
    assert reasons(crawled, LATER) == [None, None, "robots"]
    first, second = crawled[0].times(LATER)[:2]
    assert second - first >= 1


def test_an_endless_robots_txt_is_read_up_to_the_limit(crawled: tuple[Hosts, Outcome]) -> None:
    assert reasons(crawled, ENDLESS) == [None, None, "robots"]


def test_crawl_delay_applies_from_robots_txt_on_even_if_ours_is_zero(crawled: tuple[Hosts, Outcome]) -> None:
    times = crawled[0].times(DELAYED)
    assert len(times) == 4
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.5


def test_a_file_counts_for_both_schemes_of_a_host_and_a_missing_one_only_for_its_own() -> None:
    answers = {"https://one.example/robots.txt": FORBID, "http://one.example/robots.txt": b"not requested"}
    answers |= {"http://two.example/robots.txt": None, "https://two.example/robots.txt": FORBID}  # type: ignore[dict-item]
    requested: list[str] = []

    async def download(request: Request) -> Response:
        requested.append(request.url)
        body = answers[request.url]
        return Response(request.url, status=200 if body else 404, body=body or b"")

    async def verdicts(*urls: str) -> list[bool]:
        crawler = get_crawler(settings_dict={"ROBOTSTXT_OBEY": True})
        crawler.engine = SimpleNamespace(download_async=download)  # type: ignore[assignment]
        middleware = RobotsMiddleware(crawler)
        rules = await asyncio.gather(*(middleware.rules(Request(url)) for url in urls))
        return [each.why_not(url) is None for each, url in zip(rules, urls, strict=True)]

    private = "one.example/private/a"
    assert asyncio.run(verdicts(f"https://{private}", f"http://{private}", f"https://{private}")) == [False] * 3
    assert requested == ["https://one.example/robots.txt"]
    private = "two.example/private/a"
    assert asyncio.run(verdicts(f"http://{private}", f"https://{private}")) == [True, False]
