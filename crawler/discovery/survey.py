"""One outlet's sources, asked in order: what its profile names, or what can be found from its start page.

Fetching is handed in, so that nothing here knows of Scrapy. A source that fails is noted and the next one asked.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import urlsplit

from lxml import html

from crawler.discovery.autodiscovery import choose_sitemaps, feed_links, linked_feeds, usual_places
from crawler.discovery.candidates import Candidate
from crawler.discovery.feeds import Feed, parse_feed
from crawler.discovery.links import parse_page
from crawler.discovery.sections import article_links, section_links
from crawler.discovery.sitemaps import SitemapEntry, SitemapError, iter_sitemap, names_news, plan_index
from crawler.discovery.sources import Books, Fetch, Fetched, NoBooks, Notes, SourceError, Sources
from crawler.discovery.url_shape import is_plainly_no_article

# Entries between two breaths of the event loop, some 10 ms; and in one question to the books.
_CHUNK = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Survey:
    """Finds the articles of one outlet.

    `is_article` is the profile's, or None. `owns(url)` says whether a URL is the outlet's own. `robots_sitemaps(url)`
    gives the sitemaps that the robots.txt of the URL's host names. With `limit`, a sitemap's newest entries come first.
    `books` know which articles are new: the others are not yielded.
    """

    def __init__(
        self,
        fetch: Fetch,
        notes: Notes,
        *,
        owns: Callable[[str], bool],
        is_article: Callable[[str], bool] | None = None,
        robots_sitemaps: Callable[[str], Iterable[str]] = lambda _url: (),
        books: Books | None = None,
        since: datetime | None = None,
        limit: int | None = None,
    ):
        self._fetch, self._notes = fetch, notes
        self._owns, self._is_article, self._robots_sitemaps = owns, is_article, robots_sitemaps
        self._books = books or NoBooks()
        self._since, self._limit = since, limit
        self._listed = 0  # articles seen in sources, the too old ones among them

    async def of_sources(self, sources: Sources) -> AsyncIterator[Candidate]:
        """The candidates of the sources that are named, each of which is asked."""
        for url in sources.feeds:
            async for candidate in self._feed(url):
                yield candidate
        for url in sources.sitemaps:
            async for candidate in self._sitemap(url):
                yield candidate
        for url in sources.sections:
            async for candidate in self._section(url):
                yield candidate

    async def from_start(self, start: str) -> AsyncIterator[Candidate]:
        """The candidates of an outlet of which only a page is known (or a feed or sitemap: then these)."""
        page = await self._get(start, "page")
        if page is not None and self._is_unchanged(page):
            return
        if page is not None and (kind := as_source(page)):
            async for candidate in self._feed(start, page) if kind == "feed" else self._sitemap(start, page):
                yield candidate
            return
        tree = parse_page(page.body, page.content_type) if page else None
        base = page.url if page else start
        async for candidate in self._named(tree, base):
            yield candidate
        if not self._listed and tree is not None:
            async for candidate in self._sections_from(tree, base):
                yield candidate
        for place, url in usual_places(base):
            if self._listed:
                break
            async for candidate in self._feed(url, guess=True) if place == "feed" else self._sitemap(url, guess=True):
                yield candidate
        if page is not None and self._listed:
            self._notes.source_ok(start)
            self._books.read(page, 0, names_sources=True)
        elif page is not None:
            self._notes.source_failed(start, "no feed, no sitemap and no links to articles found")

    async def _named(self, tree: html.HtmlElement | None, base: str) -> AsyncIterator[Candidate]:
        """Feeds and sitemaps that the start page and robots.txt name.

        An archive is read only where a feed gave nothing, or `since` says how far back to go: else every run would
        fetch an outlet's history.
        """
        for url in feed_links(tree, base) if tree is not None else []:
            async for candidate in self._feed(url):
                yield candidate
        for url in choose_sitemaps(self._robots_sitemaps(base)):
            if not self._listed or self._since or names_news(url):
                async for candidate in self._sitemap(url):
                    yield candidate
        if not self._listed and tree is not None:
            for url in linked_feeds(tree, base):
                async for candidate in self._feed(url, guess=True):
                    yield candidate

    async def _sections_from(self, tree: html.HtmlElement, base: str) -> AsyncIterator[Candidate]:
        for candidate in self._books.fresh(list(self._take(article_links(tree, base, self._is_article))), base):
            yield candidate
        for url in section_links(tree, base):
            async for candidate in self._section(url):
                yield candidate

    async def _get(self, url: str, kind: str, *, guess: bool = False, child: bool = False) -> Fetched | None:
        try:
            return await self._fetch(url, kind)
        except SourceError as error:
            if child and error.status in (404, 410):
                self._notes.gone(url)
            elif not guess:
                self._notes.source_failed(url, str(error))
            return None

    async def _feed(self, url: str, page: Fetched | None = None, *, guess: bool = False) -> AsyncIterator[Candidate]:
        page = page or await self._get(url, "feed", guess=guess)
        if page is None:
            return
        if self._is_unchanged(page):
            return
        feed = parse_feed(page.body, page.url, page.content_type)
        if not feed.candidates and feed.problems:
            if not guess:
                self._notes.source_failed(url, feed.problems[0])
            return
        self._notes.source_ok(url)
        for problem in feed.problems:
            self._notes.problem(problem)
        redirector = _redirector(feed, self._owns)
        found = list(self._take(feed.candidates, redirector))
        for candidate in self._books.fresh(found, page.asked_at):
            yield candidate
        self._books.read(page, len(found), names_sources=False)

    async def _section(self, url: str) -> AsyncIterator[Candidate]:
        page = await self._get(url, "page")
        if page is None or self._is_unchanged(page):
            return
        tree = parse_page(page.body, page.content_type)
        if tree is None:
            return
        self._notes.source_ok(url)
        found = list(self._take(article_links(tree, page.url, self._is_article)))
        for candidate in self._books.fresh(found, page.asked_at):
            yield candidate
        self._books.read(page, len(found), names_sources=False)

    async def _sitemap(
        self, url: str, page: Fetched | None = None, *, guess: bool = False, depth: int = 0
    ) -> AsyncIterator[Candidate]:
        page = page or await self._get(url, "sitemap", guess=guess, child=depth > 0)
        if page is None:
            return
        if self._is_unchanged(page):
            return
        children: list[SitemapEntry] = []
        failures: list[str] = []
        entries = self._entries(page, children, failures)
        if self._limit:
            # Many list the oldest first: keep the newest in a heap no larger than what a run can use.
            entries = iter(await _newest(entries, max(3 * self._limit, 50)))
        count = listed = 0
        while chunk := list(islice(entries, _CHUNK)):
            count += len(chunk)
            found = [one for entry in chunk for one in self._entry(entry, page.url)]
            listed += len(found)
            for candidate in self._books.fresh(found, page.asked_at):
                yield candidate
            await asyncio.sleep(0)
        if failures and not (count or children):
            if not guess:
                self._notes.source_failed(url, failures[0])
            return
        self._notes.source_ok(url)
        for failure in failures:
            self._notes.problem(failure)
        if not self._limit or children:  # with a limit, not all that it lists was looked at
            self._books.read(page, listed, names_sources=bool(children))
        if depth < 2:  # an index in an index exists, deeper ones are loops
            for child in plan_index(children, self._since):
                async for candidate in self._sitemap(child.url, depth=depth + 1):
                    yield candidate

    def _is_unchanged(self, page: Fetched) -> bool:
        if page.unchanged is None:
            return False
        self._listed += page.unchanged  # it gives articles: nothing else need be tried in its place
        self._notes.source_ok(page.asked_at)
        return True

    def _entry(self, entry: SitemapEntry, source: str) -> Iterator[Candidate]:
        found = Candidate(entry.url, entry.title, entry.published, None, source)
        return self._take([found], as_news=entry.published is not None)

    def _entries(self, page: Fetched, children: list[SitemapEntry], failures: list[str]) -> Iterator[SitemapEntry]:
        """The article entries that are new enough; children of an index and what went wrong go to the lists."""
        problems = 0
        try:
            for entry in iter_sitemap(page.body, page.url):
                if entry.problem:
                    problems += 1
                    if problems <= 3:
                        failures.append(entry.problem)
                if entry.is_index:
                    children.append(entry)
                elif self._fresh(entry.published or entry.lastmod, entry.url):
                    yield entry
        except SitemapError as error:
            failures.append(str(error))
        if problems > 3:
            failures.append(f"{problems} unreadable dates in all: {page.url}")

    def _fresh(self, date: datetime | None, url: str) -> bool:
        if date is None or self._since is None or date >= self._since:
            return True
        if self._wanted(url, as_news=True):
            self._listed += 1
            self._notes.too_old()
        return False

    def _take(
        self, candidates: Iterable[Candidate], redirector: str | None = None, *, as_news: bool = True
    ) -> Iterator[Candidate]:
        for candidate in candidates:
            if not self._fresh(candidate.published, candidate.url):
                continue
            if self._wanted(candidate.url, as_news) or (redirector and urlsplit(candidate.url).netloc == redirector):
                self._listed += 1
                yield candidate

    def _wanted(self, url: str, as_news: bool) -> bool:
        if self._is_article is not None:
            return self._is_article(url)
        return self._owns(url) and not is_plainly_no_article(url, offered_as_news=as_news)


def as_source(page: Fetched) -> str | None:
    """Is what was given as a start page a feed or a sitemap?"""
    head = page.body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<urlset" in head or b"<sitemapindex" in head or head.startswith(b"\x1f\x8b"):
        return "sitemap"
    is_feed = head.startswith((b"<?xml", b"<rss", b"<feed", b"<rdf:rdf", b"{"))
    return "feed" if is_feed and b"<html" not in head else None


def _redirector(feed: Feed, owns: Callable[[str], bool]) -> str | None:
    """The one foreign host through which a feed's links go, if at least half of them do: such links are judged by where
    they end. Single foreign links are other people's articles."""
    hosts = Counter(urlsplit(found.url).netloc for found in feed.candidates if not owns(found.url))
    host, count = hosts.most_common(1)[0] if hosts else ("", 0)
    return host if count * 2 >= len(feed.candidates) and count else None


async def _newest(entries: Iterator[SitemapEntry], at_most: int) -> list[SitemapEntry]:
    """The newest entries, newest first; those without a date last, in the sitemap's order."""
    heap: list[tuple[datetime, int, SitemapEntry]] = []
    for number, entry in enumerate(entries):
        row = (entry.published or entry.lastmod or _EPOCH, -number, entry)
        if len(heap) < at_most:
            heapq.heappush(heap, row)
        elif row[:2] > heap[0][:2]:
            heapq.heapreplace(heap, row)
        if number % _CHUNK == 0:
            await asyncio.sleep(0)
    return [entry for _, _, entry in sorted(heap, key=lambda row: row[:2], reverse=True)]
