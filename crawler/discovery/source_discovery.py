"""Read a site's sources in order: those that its profile names, or those found from its start page.

The caller provides the fetching, so that nothing here depends on Scrapy. A source that fails is reported and skipped.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.discovery.autodiscovery import choose_sitemaps, common_source_urls, feed_links, linked_feeds
from crawler.discovery.base import (
    AllNew,
    Candidate,
    Fetched,
    FetchSource,
    SeenFilter,
    SourceError,
    SourceKind,
    SourceListing,
    SourceObserver,
)
from crawler.discovery.links import parse_page
from crawler.discovery.sections import article_links, section_links
from crawler.discovery.sitemaps import is_news_sitemap
from crawler.discovery.source_kinds import feed_kind, section_kind, sitemap_kind, source_kinds
from crawler.discovery.url_score import is_clearly_no_article

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence

    from lxml import html

_FEED, _SITEMAP, _SECTION = feed_kind.KIND, sitemap_kind.KIND, section_kind.KIND
# Entries handled before the event loop gets control again, some 10 ms; also the size of a query to the seen filter.
_CHUNK_SIZE = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SourceDiscovery:
    """Find the articles of one site.

    `is_article` is the profile's test, or None. `owns(url)` tells whether a URL belongs to the site.
    `robots_sitemaps(url)` returns the sitemaps that the robots.txt of the URL's host names. With `limit`, a sitemap's
    newest entries come first. `seen_filter` selects the articles that are yielded.
    """

    def __init__(
        self,
        fetch: FetchSource,
        observer: SourceObserver,
        *,
        owns: Callable[[str], bool],
        is_article: Callable[[str], bool] | None = None,
        robots_sitemaps: Callable[[str], Iterable[str]] = lambda _url: (),
        seen_filter: SeenFilter | None = None,
        since: datetime | None = None,
        limit: int | None = None,
    ):
        self._fetch, self._observer = fetch, observer
        self._owns, self._is_article, self._robots_sitemaps = owns, is_article, robots_sitemaps
        self._seen_filter = seen_filter or AllNew()
        self._since, self._limit = since, limit
        self._listed = 0  # articles that sources listed, including those that are too old

    async def from_sources(self, sources: Mapping[str, Sequence[str]]) -> AsyncIterator[Candidate]:
        """Yield the candidates of the sources that a profile names, given as URLs by key. Every source is fetched."""
        for kind in source_kinds():
            for url in sources.get(kind.key, ()):
                async for candidate in self._source(kind, url):
                    yield candidate

    async def from_start_page(self, start: str) -> AsyncIterator[Candidate]:
        """Yield the candidates of a site of which only one URL is known: a page, or a feed or sitemap."""
        page = await self._get(start, "page")
        if page is not None and self._is_unchanged(page):
            return
        if page is not None and (kind := detect_source_kind(page)):
            async for candidate in self._source(kind, start, page):
                yield candidate
            return
        tree = parse_page(page.body, page.content_type) if page else None
        base = page.url if page else start
        async for candidate in self._named_sources(tree, base):
            yield candidate
        if not self._listed and tree is not None:
            async for candidate in self._sections_from(tree, base):
                yield candidate
        for kind, url in common_source_urls(base):
            if self._listed:
                break
            async for candidate in self._source(kind, url, guess=True):
                yield candidate
        if page is not None and self._listed:
            self._observer.source_ok(start)
            self._seen_filter.record_read(page, 0, names_sources=True)
        elif page is not None:
            self._observer.source_failed(start, "no feed, no sitemap and no links to articles found")

    async def _named_sources(self, tree: html.HtmlElement | None, base: str) -> AsyncIterator[Candidate]:
        """Yield the candidates of feeds and sitemaps that the start page and robots.txt name.

        An archive is read only if no feed gave anything or `since` says how far back to go: otherwise every run would
        fetch the site's whole history.
        """
        for url in feed_links(tree, base) if tree is not None else []:
            async for candidate in self._source(_FEED, url):
                yield candidate
        for url in choose_sitemaps(self._robots_sitemaps(base)):
            if not self._listed or self._since or is_news_sitemap(url):
                async for candidate in self._source(_SITEMAP, url):
                    yield candidate
        if not self._listed and tree is not None:
            for url in linked_feeds(tree, base):
                async for candidate in self._source(_FEED, url, guess=True):
                    yield candidate

    async def _sections_from(self, tree: html.HtmlElement, base: str) -> AsyncIterator[Candidate]:
        for candidate in self._seen_filter.select_due(
            list(self._filter(article_links(tree, base, self._is_article), _SECTION)), base
        ):
            yield candidate
        for url in section_links(tree, base):
            async for candidate in self._source(_SECTION, url):
                yield candidate

    async def _get(self, url: str, kind: str, *, guess: bool = False, child: bool = False) -> Fetched | None:
        try:
            return await self._fetch(url, kind)
        except SourceError as error:
            if child and error.status in (404, 410):
                self._observer.child_gone(url)
            elif not guess:
                self._observer.source_failed(url, str(error))
            return None

    async def _source(
        self, kind: SourceKind, url: str, page: Fetched | None = None, *, guess: bool = False, depth: int = 0
    ) -> AsyncIterator[Candidate]:
        page = page or await self._get(url, kind.request_kind, guess=guess, child=depth > 0)
        if page is None or self._is_unchanged(page):
            return
        listing = kind.read(page, self._is_article)
        if listing is None:
            return
        found = (
            self._read_lazily(kind, url, page, listing, guess)
            if kind.is_lazy
            else self._read_whole(kind, url, page, listing, guess)
        )
        async for candidate in found:
            yield candidate
        if depth < 2:  # indexes within indexes exist; deeper nesting is a loop
            for child in kind.choose_children(listing.children, self._since):
                async for candidate in self._source(kind, child, depth=depth + 1):
                    yield candidate

    async def _read_whole(
        self, kind: SourceKind, url: str, page: Fetched, listing: SourceListing, guess: bool
    ) -> AsyncIterator[Candidate]:
        candidates = list(listing.candidates)
        if not self._report(url, listing, bool(candidates), guess):
            return
        redirector = _redirector(candidates, self._owns) if kind.may_redirect else None
        found = list(self._filter(candidates, kind, redirector))
        for candidate in self._seen_filter.select_due(found, page.requested_url):
            yield candidate
        self._seen_filter.record_read(page, len(found), names_sources=bool(listing.children))

    async def _read_lazily(
        self, kind: SourceKind, url: str, page: Fetched, listing: SourceListing, guess: bool
    ) -> AsyncIterator[Candidate]:
        entries: Iterator[Candidate] = (
            candidate
            for candidate in listing.candidates
            if self._is_recent(candidate.published or candidate.modified, candidate.url)
        )
        if self._limit:
            # Many sitemaps list the oldest first: keep the newest in a heap no larger than what a run can use.
            entries = iter(await _newest(entries, max(3 * self._limit, 50)))
        count = listed = 0
        while chunk := list(islice(entries, _CHUNK_SIZE)):
            count += len(chunk)
            found = list(self._filter(chunk, kind))
            listed += len(found)
            for candidate in self._seen_filter.select_due(found, page.requested_url):
                yield candidate
            await asyncio.sleep(0)
        if not self._report(url, listing, bool(count), guess):
            return
        if not self._limit or listing.children:  # with a limit, not all of its entries were considered
            self._seen_filter.record_read(page, listed, names_sources=bool(listing.children))

    def _report(self, url: str, listing: SourceListing, has_entries: bool, guess: bool) -> bool:
        """Report how a source did, and tell whether it gave anything to continue with."""
        if listing.problems and not (has_entries or listing.children):
            if not guess:
                self._observer.source_failed(url, listing.problems[0])
            return False
        self._observer.source_ok(url)
        for problem in listing.problems:
            self._observer.source_problem(problem)
        return True

    def _is_unchanged(self, page: Fetched) -> bool:
        if page.unchanged is None:
            return False
        self._listed += page.unchanged  # it does list articles: no other source has to be tried instead
        self._observer.source_ok(page.requested_url)
        return True

    def _is_recent(self, date: datetime | None, url: str) -> bool:
        if date is None or self._since is None or date >= self._since:
            return True
        if self._may_be_article(url, as_news=True):
            self._listed += 1
            self._observer.article_too_old()
        return False

    def _filter(
        self, candidates: Iterable[Candidate], kind: SourceKind, redirector: str | None = None
    ) -> Iterator[Candidate]:
        for candidate in candidates:
            if not self._is_recent(candidate.published or candidate.modified, candidate.url):
                continue
            as_news = kind.lists_only_articles or candidate.published is not None
            if self._may_be_article(candidate.url, as_news) or (
                redirector and urlsplit(candidate.url).netloc == redirector
            ):
                self._listed += 1
                yield candidate

    def _may_be_article(self, url: str, as_news: bool) -> bool:
        if self._is_article is not None:
            return self._is_article(url)
        return self._owns(url) and not is_clearly_no_article(url, offered_as_news=as_news)


def detect_source_kind(page: Fetched) -> SourceKind | None:
    """Return the kind of a source that was given as a start page; None for an ordinary page."""
    return next((kind for kind in source_kinds() if kind.recognizes(page)), None)


def _redirector(candidates: Sequence[Candidate], owns: Callable[[str], bool]) -> str | None:
    """Return the foreign host that at least half of a feed's links go through; None if there is none.

    Such links are judged by where they redirect to. Single foreign links are other sites' articles.
    """
    hosts = Counter(urlsplit(found.url).netloc for found in candidates if not owns(found.url))
    host, count = hosts.most_common(1)[0] if hosts else ("", 0)
    return host if count * 2 >= len(candidates) and count else None


async def _newest(entries: Iterator[Candidate], at_most: int) -> list[Candidate]:
    """Return the newest entries, newest first; those without a date come last, in the sitemap's order."""
    heap: list[tuple[datetime, int, Candidate]] = []
    for number, entry in enumerate(entries):
        item = (entry.published or entry.modified or _EPOCH, -number, entry)
        if len(heap) < at_most:
            heapq.heappush(heap, item)
        elif item[:2] > heap[0][:2]:
            heapq.heapreplace(heap, item)
        if number % _CHUNK_SIZE == 0:
            await asyncio.sleep(0)
    return [entry for _, _, entry in sorted(heap, key=lambda item: item[:2], reverse=True)]
