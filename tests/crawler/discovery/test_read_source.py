"""A source gives what the crawl can hold: bounded, counted, and without what broke in it."""

from __future__ import annotations

import asyncio
import json
import pickle
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.settings import Settings

from cleaners.text.url_length import MAX_URL_LENGTH
from crawler.discovery import read_source as reading
from crawler.discovery.base import Candidate, ChildSource, Fetched, SourceKind, SourceListing
from crawler.discovery.read_source import ReadingRules, SourceReading, read_source
from crawler.discovery.read_start_page import read_start_page
from crawler.discovery.source_kinds import feed_kind, sitemap_kind
from crawler.run.crawl_workers import CrawlWorkers
from crawler.sites.site_scope import DomainScope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCOPE = DomainScope(("example.com",))
URL = "https://example.com/2024/05/03/a-second-plant-for-saxony"


@dataclass(frozen=True)
class ListedKind(SourceKind):
    """A source that lists what a test says."""

    listing: SourceListing = field(default_factory=SourceListing)
    name, key = "list", "lists"

    def read(self, page: Fetched, is_article: Callable[[str], bool] | None = None) -> SourceListing:  # noqa: ARG002
        return self.listing


def read(kind: SourceKind, body: bytes = b"", **rules: object) -> SourceReading:
    page = Fetched("https://example.com/source", body)
    result = read_source(kind, page, SCOPE, ReadingRules(**rules))  # type: ignore[arg-type]
    assert result is not None
    return result


def candidates(result: SourceReading) -> list[Candidate]:
    return [candidate for chunk in result.unpack() for candidate in chunk]


def story(number: int, **more: object) -> Candidate:
    return Candidate(f"{URL}-{number}", **more)  # type: ignore[arg-type]


def test_a_reading_comes_in_chunks_in_the_order_of_the_source() -> None:
    listed = [story(number, published=datetime(2024, 5, 3, number % 24, tzinfo=UTC)) for number in range(250)]
    result = read(ListedKind(SourceListing(listed)))
    assert [len(chunk) for chunk in result.unpack()] == [100, 100, 50]
    assert candidates(pickle.loads(pickle.dumps(result))) == listed
    assert (result.entries, result.listed, result.complete, result.problems) == (250, 250, True, ())


def test_what_is_beyond_the_bounds_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_CANDIDATES", 30)
    monkeypatch.setattr(reading, "MAX_CHARACTERS", 20_000)
    result = read(ListedKind(SourceListing([story(number) for number in range(100)])))
    assert (result.entries, result.listed) == (100, 30)
    assert result.problems == ("70 entries beyond what one source may list were left out: https://example.com/source",)
    long = [story(number, title="t" * 5000, feed_html="h" * 3000) for number in range(10)]
    kept = candidates(read(ListedKind(SourceListing(long))))
    assert [len(found.title or "") for found in kept] == [1000] * 4


def test_a_text_that_is_too_long_is_no_witness_but_no_reason_to_leave_an_entry_out() -> None:
    (found,) = candidates(read(ListedKind(SourceListing([story(1, title="T", feed_html="x" * 2_000_000)]))))
    assert (found.title, found.feed_html) == ("T", None)


def test_problems_and_children_are_bounded() -> None:
    children = [ChildSource(f"https://example.com/{number}.xml") for number in range(1000)]
    result = read(ListedKind(SourceListing([story(1)], ["p" * 1000] * 25, children)))
    assert [len(problem) for problem in result.problems[:-1]] == [300] * 10
    assert result.problems[-1] == "15 more problems with this source"
    assert len(result.children) == 50
    assert result.names_sources


def test_what_came_before_a_reader_failed_counts() -> None:
    def failing() -> Iterator[Candidate]:
        yield story(1)
        yield story(2)
        raise KeyError("loc")

    result = read(ListedKind(SourceListing(failing())))
    assert candidates(result) == [story(1), story(2)]
    assert result.problems == ("cannot be read to its end (KeyError: 'loc'): https://example.com/source",)


def test_a_source_that_takes_too_long_gives_what_was_read_by_then() -> None:
    def endless() -> Iterator[Candidate]:
        number = 0
        while True:
            number += 1
            yield story(number)

    result = read(ListedKind(SourceListing(endless())), seconds=0.2)
    assert 0 < result.listed == result.entries - 1
    assert not result.complete
    assert "entries could be read in 0.2 s: https://example.com/source" in result.problems[0]


def test_urls_that_no_function_can_judge_are_left_out_alone() -> None:
    listed = [Candidate("https://[::1/x"), story(1), Candidate("https://" + "v" * 64 + ".com/x"), story(2)]
    assert candidates(read(ListedKind(SourceListing(listed)))) == [story(1), story(2)]


def feed(*entries: str) -> bytes:
    items = "".join(f"<item>{entry}</item>" for entry in entries)
    return f'<rss version="2.0"><channel><title>F</title>{items}</channel></rss>'.encode()


GOOD = f"<title>Good</title><link>{URL}</link>"


@pytest.mark.parametrize(
    "bad",
    [
        "<link>https://" + "v" * 64 + ".com/x</link>",
        "<pubDate>1:" + "9" * 40 + f"</pubDate><link>{URL}-b</link>",
        f"<title>&#55357;&#56832; &#xD83D; &#27;[2J</title><link>{URL}-b</link>",
        "<link>javascript:alert(1)</link>",
        "<link>https://[x</link>",
        "<guid>http://\x00</guid>",
        f"<pubDate>Tue, 99 Foo 99999 25:61:61 +9999</pubDate><link>{URL}-b</link>",
    ],
)
def test_a_bad_entry_of_a_feed_costs_at_most_itself(bad: str) -> None:
    for entries in ((bad, GOOD), (GOOD, bad)):
        found = candidates(read(feed_kind.KIND, feed(*entries)))
        assert URL in [candidate.url for candidate in found]
        for candidate in found:
            (candidate.title or "").encode()
            assert "\x1b" not in (candidate.title or "")


@pytest.mark.parametrize(
    "bad",
    [{"url": 3}, None, ["x"], {"url": "https://" + "v" * 64 + ".com/"}, {"url": URL + "-b", "title": "\ud800"},
     {"url": URL + "-b", "date_published": 10**400}, {"url": URL + "-b", "title": {"x": 1}, "content_html": []}],
)  # fmt: skip
def test_a_bad_item_of_a_json_feed_costs_at_most_itself(bad: object) -> None:
    body = json.dumps({"items": [bad, {"url": URL, "title": "Good"}]}).encode()
    found = candidates(read(feed_kind.KIND, body))
    assert URL in [candidate.url for candidate in found]
    for candidate in found:
        (candidate.title or "").encode()


@pytest.mark.parametrize(
    "bad",
    ["<url xmlns='x}y'><loc>https://example.com/x</loc></url>", "<url><loc>https://[/</loc></url>",
     f"<url><loc>{URL}-b</loc><lastmod>1:{'9' * 40}</lastmod></url>", "<url><loc/></url>", "<x xmlns='}'/>",
     f"<n:url xmlns:n='a}}b{{c'><n:loc>{URL}-b</n:loc></n:url>"],
)  # fmt: skip
def test_a_bad_entry_of_a_sitemap_costs_at_most_itself(bad: str) -> None:
    body = f"<urlset>{bad}<url><loc>{URL}</loc></url></urlset>".encode()
    assert URL in [candidate.url for candidate in candidates(read(sitemap_kind.KIND, body))]


@pytest.mark.parametrize("long", [f"{URL}?q=" + "a" * 5000, f"{URL}/" + "ä" * 400, f"{URL}/" + "x" * 100_000])
def test_a_url_that_is_too_long_is_known_by_its_beginning(long: str) -> None:
    in_feed = feed(GOOD, f"<link>{long}</link>")
    in_sitemap = f"<urlset><url><loc>{long}</loc></url><url><loc>{URL}</loc></url></urlset>".encode()
    in_text = f"{long}\n{URL}\n".encode()
    for kind, body in ((feed_kind.KIND, in_feed), (sitemap_kind.KIND, in_sitemap), (sitemap_kind.KIND, in_text)):
        found = candidates(read(kind, body))
        assert sorted(candidate.overlong for candidate in found) == [False, True]
        for candidate in found:
            assert candidate.url.startswith(URL)
            assert len(candidate.url) <= MAX_URL_LENGTH


def test_a_feed_gives_its_first_entries_and_says_how_many_more_it_has() -> None:
    body = feed(*(f"<link>{URL}-{number}</link>" for number in range(2500)))
    result = read(feed_kind.KIND, body)
    assert result.listed == 2000
    assert result.problems == ("500 entries after the first 2,000 were left out: https://example.com/source",)


def test_a_reader_in_a_worker_is_cut_off_or_its_failure_named() -> None:
    nested = b"<ul><li>" * 100 + b"".join(
        b'<a href="/2024/05/03/story-%d">A story of that day</a>' % n for n in range(9)
    )
    page = Fetched("https://example.com/", b"<html><body>" + nested)

    async def run() -> list[Any]:
        settings = Settings()
        settings.setmodule("crawler.settings")
        settings.update({"READ_TIMEOUT": 1, "READ_MEMORY_MB": 60, "CLEAN_WORKERS": 1})
        workers = CrawlWorkers(settings)
        calls = (
            workers.read(read_start_page, page, SCOPE, ReadingRules()),
            workers.read(hang),
            workers.read(eat),
            workers.read(fail),
        )
        try:
            return list(await asyncio.gather(*calls, return_exceptions=True))
        finally:
            await workers.close()

    start, *broken = asyncio.run(run())
    assert start.articles.listed == 9
    assert [f"{type(error).__name__}: {error}" for error in broken] == [
        "BrokenReadingError: not done after 1 s",
        "BrokenReadingError: needs more than 60 MB of memory",
        "BrokenReadingError: LookupError: no such element",
    ]
    assert "in fail" in broken[2].traceback


def hang() -> None:
    """Do what a bad expression does."""
    while True:
        pass


def eat() -> bytes:
    """Ask for more than a reader may."""
    return b"x" * 200_000_000


def fail() -> None:
    """Be surprised."""
    raise LookupError("no such element")
