"""Find a site's articles from its start page or its profile, with as few requests as possible."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from crawler.discovery.base import BrokenReadingError, Candidate, Fetched, SiteScope, SourceError
from crawler.discovery.read_source import ReadingRules
from crawler.discovery.source_discovery import SourceDiscovery
from crawler.sites.site_scope import DomainScope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HOME = "https://example.com/"
ARTICLE = "https://example.com/2024/05/03/a-second-plant-for-saxony"
OLDER = "https://example.com/2024/04/01/the-first-plant-is-finished"
LINK = f'<a href="{ARTICLE}">A second plant for Saxony</a>'


def rss(*links: str, date: str = "") -> bytes:
    items = "".join(f"<item><title>T</title><link>{link}</link>{date}</item>" for link in links)
    return f'<rss version="2.0"><channel><title>F</title>{items}</channel></rss>'.encode()


def urlset(*rows: tuple[str, str]) -> bytes:
    body = "".join(f"<url><loc>{url}</loc><lastmod>{day}</lastmod></url>" for url, day in rows)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</urlset>'.encode()


def index(*rows: tuple[str, str]) -> bytes:
    body = "".join(f"<sitemap><loc>{url}</loc><lastmod>{day}</lastmod></sitemap>" for url, day in rows)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</sitemapindex>'.encode()


@dataclass(frozen=True)
class PatternScope:
    """A site whose articles have this in their URLs."""

    part: str

    def owns(self, url: str) -> bool:
        return url.startswith(HOME)

    def is_article(self, url: str) -> bool:
        return self.owns(url) and self.part in url


class FakeSite:
    """An site on paper: its pages by URL, and what was asked of it and noted about it."""

    def __init__(
        self, pages: dict[str, bytes], robots: tuple[str, ...] = (), errors: dict[str, SourceError] | None = None
    ):
        self.pages, self.robots, self.errors = pages, robots, errors or {}
        self.requested: list[str] = []
        self.ok: list[str] = []
        self.failed: list[str] = []
        self.old = 0
        self.lost: list[str] = []
        self.broken: list[str] = []
        self.problems: list[str] = []

    async def fetch(self, url: str, kind: str) -> Fetched:
        assert kind in ("feed", "sitemap", "page")
        self.requested.append(url.removeprefix("https://example.com"))
        if url in self.errors or url not in self.pages:
            raise self.errors.get(url) or SourceError("HTTP 404", 404)
        return Fetched(url, self.pages[url])

    def source_ok(self, url: str) -> None:
        self.ok.append(url)

    def source_failed(self, url: str, detail: str) -> None:
        self.failed.append(f"{url}: {detail}")

    def child_gone(self, url: str) -> None:
        self.lost.append(url)

    def source_problem(self, detail: str) -> None:
        self.problems.append(detail)

    def source_broke_reader(self, url: str, error: BrokenReadingError) -> None:
        self.broken.append(f"{url}: {error}")

    def articles_too_old(self, count: int) -> None:
        self.old += count

    def discovery(self, scope: SiteScope = DomainScope(("example.com",)), **rules: Any) -> SourceDiscovery:  # noqa: B008
        return SourceDiscovery(
            self.fetch,
            self,
            scope=lambda: scope,
            robots_sitemaps=lambda _url: self.robots,
            rules=ReadingRules(**rules),
        )

    def from_start(self, url: str = HOME, **kwargs: Any) -> list[str]:
        return [candidate.url for candidate in read(self.discovery(**kwargs).from_start_page(url))]

    def of(self, sources: dict[str, Any], **kwargs: Any) -> list[str]:
        return [candidate.url for candidate in read(self.discovery(**kwargs).from_sources(sources))]


def read(candidates: AsyncIterator[Candidate]) -> list[Candidate]:
    async def collect() -> list[Candidate]:
        return [candidate async for candidate in candidates]

    return asyncio.run(collect())


def head(*links: str) -> bytes:
    return f"<html><head>{''.join(links)}</head><body>{LINK}</body></html>".encode()


def test_feeds_that_the_start_page_names_are_enough() -> None:
    page = head(
        '<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">',
        '<link rel="alternate" type="application/json+oembed" href="/oembed?x=1">',
        '<link rel="alternate" hreflang="de" href="https://example.com/de/">',
        '<link rel="alternate" type="application/atom+xml" title="All" href="/out/7f3a">',
        '<link rel="ALTERNATE home" type="application/rss+xml; charset=utf-8" title="Business" href="/?feed=rss2&cat=3">',
    )
    feeds = {"https://example.com/out/7f3a": rss(OLDER), "https://example.com/?feed=rss2&cat=3": rss(ARTICLE)}
    site = FakeSite({HOME: page, **feeds}, robots=("https://example.com/archive.xml",))
    assert site.from_start() == [ARTICLE, OLDER]
    assert site.requested == ["/", "/?feed=rss2&cat=3", "/out/7f3a"]
    assert site.failed == []


def test_an_archive_is_read_beside_a_feed_only_as_far_back_as_since() -> None:
    page = head('<link rel="alternate" type="application/rss+xml" href="/feed">')
    pages = {HOME: page, "https://example.com/feed": rss(ARTICLE)}
    pages["https://example.com/archive.xml"] = urlset((OLDER, "2024-04-01"), (ARTICLE, "2024-05-03"))
    assert FakeSite(pages, ("https://example.com/archive.xml",)).from_start() == [ARTICLE]
    site = FakeSite(pages, ("https://example.com/archive.xml",))
    assert site.from_start(since=datetime(2024, 3, 1, tzinfo=UTC)) == [ARTICLE, OLDER, ARTICLE]


def test_a_sitemap_index_of_robots_txt_is_followed_newest_first_and_gzipped() -> None:
    old, new = "https://example.com/maps/2009.xml", "https://example.com/maps/now.xml.gz"
    pages = {
        HOME: b"<html><body></body></html>",
        "https://example.com/maps/all.xml": index((old, "2009-12-31"), (new, "2024-05-03")),
        new: gzip.compress(urlset((ARTICLE, "2024-05-03"), ("https://example.com/about-us", "2024-01-01"))),
    }
    site = FakeSite(pages, ("https://example.com/maps/all.xml",), {old: SourceError("HTTP 410", 410)})
    assert site.from_start() == [ARTICLE]
    assert site.requested == ["/", "/maps/all.xml", "/maps/now.xml.gz", "/maps/2009.xml"]
    assert site.lost == [old]
    assert site.failed == []
    site = FakeSite(pages, ("https://example.com/maps/all.xml",))
    assert site.from_start(since=datetime(2024, 1, 1, tzinfo=UTC)) == [ARTICLE]
    assert "/maps/2009.xml" not in site.requested


def test_a_news_sitemap_goes_before_the_archives() -> None:
    robots = tuple(f"https://example.com/{name}.xml" for name in ("archive-1", "images", "news-sitemap", "archive-2"))
    site = FakeSite(
        {HOME: b"<html></html>", "https://example.com/news-sitemap.xml": urlset((ARTICLE, "2024-05-03"))}, robots
    )
    assert site.from_start() == [ARTICLE]
    assert site.requested == ["/", "/news-sitemap.xml"]


def test_without_a_named_source_the_links_of_the_start_page_and_its_sections_are_read() -> None:
    home = f'<a href="{ARTICLE}">A second plant for Saxony</a><a href="/category/tech/">Technology</a><a href="/tag/x/">X</a>'
    section = f'<a href="{OLDER}">The first plant is finished at last</a><a href="/author/jane-doe/">Jane Doe</a>'
    site = FakeSite({HOME: home.encode(), "https://example.com/category/tech/": section.encode()})
    assert site.from_start() == [ARTICLE, OLDER]
    assert site.requested == ["/", "/category/tech/"]


def test_common_paths_are_tried_last_and_only_up_to_the_first_that_works() -> None:
    site = FakeSite(
        {HOME: b"<html><body><div id=app></div></body></html>", "https://example.com/rss.xml": rss(ARTICLE)}
    )
    assert site.from_start() == [ARTICLE]
    assert site.requested == ["/", "/feed/", "/rss", "/rss.xml"]
    assert site.failed == []


def test_a_start_page_that_fails_leaves_robots_and_common_paths() -> None:
    site = FakeSite(
        {"https://example.com/news.xml": urlset((ARTICLE, "2024-05-03"))}, ("https://example.com/news.xml",)
    )
    assert site.from_start() == [ARTICLE]
    assert site.failed == [f"{HOME}: HTTP 404"]


def test_a_site_where_nothing_is_found_has_failed() -> None:
    site = FakeSite({HOME: b"<html><body><a href='/about'>About</a></body></html>"})
    assert site.from_start() == []
    assert site.ok == []
    assert len(site.failed) == 1
    assert HOME in site.failed[0]


@pytest.mark.parametrize(
    "body",
    [rss(ARTICLE), b'<?xml version="1.0"?>' + rss(ARTICLE), gzip.compress(urlset((ARTICLE, "2024")))],
    ids=["feed", "feed with a declaration", "gzipped sitemap"],
)
def test_a_feed_or_sitemap_given_as_the_start_is_read_as_one(body: bytes) -> None:
    site = FakeSite({"https://example.com/x": body})
    assert site.from_start("https://example.com/x") == [ARTICLE]
    assert site.requested == ["/x"]


def test_a_broken_feed_is_counted_and_the_next_source_read() -> None:
    sources = {
        "feeds": ("https://example.com/html", "https://example.com/gone", "https://example.com/feed"),
        "sitemaps": ("https://example.com/bad.xml",),
        "sections": ("https://example.com/tech/",),
    }
    pages = {
        "https://example.com/html": b"<!doctype html><html></html>",
        "https://example.com/feed": rss(ARTICLE),
        "https://example.com/bad.xml": b"\0\1\2",
        "https://example.com/tech/": f'<a href="{OLDER}">Old</a>'.encode(),
    }
    site = FakeSite(pages)
    assert site.of(sources, scope=PatternScope("/2024/")) == [ARTICLE, OLDER]
    assert [line.split(": ")[0] for line in site.failed] == [*sources["feeds"][:2], *sources["sitemaps"]]
    assert site.ok == ["https://example.com/feed", "https://example.com/tech/"]


def test_since_leaves_out_the_old_and_keeps_what_has_no_date() -> None:
    undated = "https://example.com/2024/05/02/nobody-knows-when-this-was"
    body = urlset((ARTICLE, "2024-05-03"), (OLDER, "2024-04-01"), (undated, ""))
    site = FakeSite({"https://example.com/s.xml": body})
    assert site.of({"sitemaps": ("https://example.com/s.xml",)}, since=datetime(2024, 5, 1, tzinfo=UTC)) == [
        ARTICLE,
        undated,
    ]
    assert site.old == 1


def test_a_feed_of_old_news_only_is_no_reason_to_guess() -> None:
    page = head('<link rel="alternate" type="application/rss+xml" href="/feed">')
    old = rss(OLDER, date="<pubDate>Mon, 01 Apr 2024 08:00:00 GMT</pubDate>")
    site = FakeSite({HOME: page, "https://example.com/feed": old})
    assert site.from_start(since=datetime(2024, 5, 1, tzinfo=UTC)) == []
    assert site.requested == ["/", "/feed"]
    assert site.failed == []


def test_a_feed_is_trusted_but_for_the_home_page_and_files_and_others_sites() -> None:
    links = [ARTICLE, HOME, "https://example.com/audio/episode.mp3", "https://example.com/apps/an-update",
             "https://example.net/2024/05/03/theirs", "https://other.example.org/2024/05/03/theirs"]  # fmt: skip
    site = FakeSite({"https://example.com/feed": rss(*links)})
    assert site.of({"feeds": ("https://example.com/feed",)}) == [ARTICLE, "https://example.com/apps/an-update"]


def test_a_feed_whose_links_all_go_through_one_redirector_is_followed_there() -> None:
    links = [f"https://feeds.example.net/click/{n}" for n in range(3)]
    site = FakeSite({"https://example.com/feed": rss(*links, ARTICLE)})
    assert site.of({"feeds": ("https://example.com/feed",)}) == [*links, ARTICLE]


def test_a_limit_takes_the_newest_of_a_sitemap_that_begins_with_the_oldest() -> None:
    rows = [
        (f"https://example.com/2024/05/03/story-number-{n}-of-many", f"2024-05-03T{n // 60:02}:{n % 60:02}:00Z")
        for n in range(1000)
    ]
    site = FakeSite({"https://example.com/s.xml": urlset(*rows)})
    found = site.of({"sitemaps": ("https://example.com/s.xml",)}, limit=5)
    assert found[:5] == [url for url, _ in rows[:-6:-1]]
    assert len(found) < 100


def test_a_large_sitemap_lets_others_run_meanwhile() -> None:
    rows = [(f"https://example.com/2024/05/03/story-number-{n}-of-many", "2024-05-03") for n in range(20_000)]
    site = FakeSite({"https://example.com/s.xml": urlset(*rows)})

    async def go() -> tuple[int, int]:
        turns, done = 0, False

        async def other_work() -> None:
            nonlocal turns
            while not done:
                await asyncio.sleep(0)
                turns += 1

        working = asyncio.ensure_future(other_work())
        count = 0
        async for _ in site.discovery().from_sources({"sitemaps": ("https://example.com/s.xml",)}):
            count += 1
        done = True
        await working
        return count, turns

    count, turns = asyncio.run(go())
    assert count == 20_000
    assert turns >= 90


def test_an_index_that_names_itself_ends() -> None:
    loop = "https://example.com/maps/all.xml"
    site = FakeSite({loop: index((loop, "2024-05-03"))})
    assert site.of({"sitemaps": (loop,)}) == []
    assert len(site.requested) <= 3
