"""Parse robots.txt, and check that a crawl obeys it."""

from __future__ import annotations

import asyncio
import pickle
import random
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from protego import Protego
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawler.middlewares.robots import RobotsMiddleware
from crawler.politeness.robots_rules import ROBOTS_READ_BYTES, read_robots
from crawler.politeness.robots_signals import AI_AGENTS
from tests.support.crawling import LOOPBACK, Answer, Answers, Hosts, Outcome, crawl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
        (200, FORBID.decode().encode("utf-16"), False),
        (200, b"\xfe\xff" + FORBID.decode().encode("utf-16-be"), False),
        (200, FORBID.decode().encode("utf-16-le"), False),
        (200, FORBID.decode().encode("utf-32"), False),
        (200, b"\0".join(FORBID[n : n + 3] for n in range(0, len(FORBID), 3)), False),
        (200, bytes(range(256)) * 50, True),
        (200, b"<!DOCTYPE html>\n<p>User-agent: *\nDisallow: /private/", True),  # a page instead of the file
        (200, b"User-agent: winnow\nAllow: /\n\n" + FORBID, True),  # only the group that names us counts
        (200, b"User-agent: *\nAllow: /\n\nUser-agent: WINNOW\nDisallow: /", False),
        (200, b"User-agent: *\nAllow: /\n\nUser-agent: winnow/0.1\nDisallow: /", False),
        (200, b"User-agent: winnow\nAllow: /x\n\nUser-agent: winnow\nUser-agent: x\nDisallow: /", False),  # both groups
        (200, b"User-agent: *\nDissallow: /private/", False),
        (200, b"useragent *\ndisalow /*/a$ # all", False),
        (200, b"User-agent: *\nDisallow: /%70rivate%2Fa\nDisallow: /x%", True),  # an escaped slash is no slash
        (200, b"User-agent: *\nDisallow: /p" + b"*" * 400_000 + b"a", False),
        (200, b"User-agent: other-winnow\nDisallow: /", True),
        (200, b"User-agent: *\nDisallow: /\nAllow: /private/a$", True),  # the longest match wins
        (200, b"User-agent: *\n" + b"#\n" * ROBOTS_READ_BYTES + b"Disallow: /", True),  # beyond the limit
    ],
)
def test_what_a_response_for_robots_txt_allows(status: int, body: bytes, allowed: bool) -> None:
    assert (read_robots(status, body).why_not(URL) is None) is allowed


@pytest.mark.parametrize(
    ("line", "seconds"), [("1.5", 1.5), ("x", 0), ("-3", 0), ("nan", 0), ("", 0), ("9" * 400_000, 0)]
)
def test_crawl_delay_is_a_number_of_seconds_or_nothing(line: str, seconds: float) -> None:
    assert read_robots(200, f"User-agent: *\nCrawl-delay: {line}".encode()).delay == seconds


def test_the_rules_of_one_file_are_those_of_protego() -> None:
    choose = random.Random(13)
    for _ in range(2000):
        lines = [choose.choice(WRITE)(choose) for _ in range(choose.randint(1, 14))]
        text = choose.choice(("\n", "\r", "\r\n")).join(("User-agent: *", *lines))
        expected = Protego.parse(text)
        rules = read_robots(200, choose.choice((b"", b"\xef\xbb\xbf")) + text.encode())
        assert rules.sitemaps == tuple(dict.fromkeys(expected.sitemaps)), text
        assert rules.delay >= (expected.crawl_delay("winnow") or 0), text
        for _ in range(4):
            url = f"https://news.example/{random_path(choose)}"
            assert (rules.why_not(url) is None) == expected.can_fetch(url, "winnow"), (text, url)
            forbidden = [agent for agent in ("GPTBot", "CCBot", "ClaudeBot") if not expected.can_fetch(url, agent)]
            named = [agent for agent in forbidden if f": {agent}" in text]
            assert sorted(rules.rights(url).get("robots_ai", {}).get("robots.txt", [])) == sorted(named), (text, url)


def random_path(choose: random.Random) -> str:
    parts = "/ / a b ab * ** $ %41 %2F %2f ? = %3D é %C3%A9 index.html /a & ; ~ % %2 .".split()
    return "".join(choose.choices(parts, k=choose.randint(0, 7)))


WRITE: tuple[Callable[[random.Random], str], ...] = (
    lambda choose: "User-agent: " + choose.choice(("winnow", "*", "GPTBot", "CCBot", "ClaudeBot", "other-winnow", "win", "gpt*")),
    lambda choose: choose.choice(("useragent: ", "User agent ", "user-agent ")) + choose.choice(("Winnow", "*", "others")),
    lambda choose: choose.choice(("Disallow: ", "dissallow:", "disalow ")) + choose.choice(("/", "")) + random_path(choose),
    lambda choose: choose.choice(("Disallow: ", "Diasllow: ", "disallaw: ")) + choose.choice(("/", "*")) + random_path(choose),
    lambda choose: choose.choice(("Allow: ", "allow", "ALLOW :")) + choose.choice(("/", " ")) + random_path(choose),
    lambda choose: choose.choice(("Sitemap: /", "sitemaps /", "Site-map: /")) + str(choose.random()),
    lambda choose: f"Crawl-delay: {choose.randint(0, 9)}",
    lambda choose: choose.choice(("", "# c", "Visit-time: 0100-0200", "foo: b", "host: x", "x", "Disallow", "User-agent:", "/:")),
)  # fmt: skip


@pytest.mark.parametrize("agents", [("*", *AI_AGENTS), AI_AGENTS])
def test_a_file_of_tens_of_thousands_of_rules_stays_small_and_exact(agents: tuple[str, ...]) -> None:
    rules = "".join(f"Disallow: /*/{number}-*.html\n" for number in range(18_000))
    text = "".join(f"User-agent: {agent}\n" for agent in agents) + rules
    read = pickle.loads(pickle.dumps(read_robots(200, text.encode())))
    listed, free = f"{URL}/17999-x.html", f"{URL}/18000-x.html"
    assert read.rights(listed) == {"robots_ai": {"robots.txt": list(AI_AGENTS)}}
    assert read.rights(free) == {}
    assert (read.why_not(listed) is not None) is ("*" in agents)
    assert read.why_not(free) is None
    assert len(pickle.dumps(read)) < 3 * len(text)


def test_agents_that_we_do_not_ask_about_take_no_room() -> None:
    agents = "".join(f"User-agent: bot-{number}\n" for number in range(12_000))
    rules = "".join(f"Disallow: /{number}\n" for number in range(8000))
    read = read_robots(200, (agents + rules + "User-agent: *\nDisallow: /private/").encode())
    assert read.why_not(URL)
    assert len(pickle.dumps(read)) < 5000


def test_a_file_made_to_be_slow_forbids_what_it_makes_slow_and_nothing_else() -> None:
    rules = "".join(f"Allow: /*{number}*{'a' * 100}*b\n" for number in range(3000))
    text = f"User-agent: *\nUser-agent: GPTBot\n{rules}"
    read = read_robots(200, text.encode())
    slow = "https://news.example/" + "".join(map(str, range(3000)))[:1000] + "a" * 1000
    assert read.why_not(slow) == "robots.txt takes too long to match with this URL, so it counts as forbidden"
    assert read.rights(slow) == {"robots_ai": {"robots.txt": ["GPTBot"]}}
    assert read.why_not(URL) is None
    assert read.rights(URL) == {}


def test_sitemaps_are_bounded_in_number_and_length() -> None:
    lines = ["Sitemap: /" + "x" * 5000, *(f"Sitemap: /{number}.xml" for number in range(20_000))]
    sitemaps = read_robots(200, "\n".join(lines).encode()).sitemaps
    assert sitemaps == tuple(f"/{number}.xml" for number in range(500))


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
