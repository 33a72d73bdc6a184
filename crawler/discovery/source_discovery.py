"""Read a site's sources in order: those that its profile names, or those found from its start page.

The caller provides the fetching and the reading, so that nothing here depends on Scrapy or on processes. A source that fails
is reported and skipped.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from crawler.discovery.autodiscovery import choose_sitemaps, common_source_urls
from crawler.discovery.base import (
    AllNew,
    BrokenReadingError,
    CallReader,
    Candidate,
    Fetched,
    FetchSource,
    SeenFilter,
    SiteScope,
    SourceError,
    SourceKind,
    SourceObserver,
    call_here,
)
from crawler.discovery.read_source import ReadingRules, SourceReading, read_source
from crawler.discovery.read_start_page import StartPage, read_start_page
from crawler.discovery.sitemaps import is_news_sitemap
from crawler.discovery.source_kinds import feed_kind, section_kind, sitemap_kind, source_kinds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

_P = ParamSpec("_P")
_T = TypeVar("_T")

_FEED, _SITEMAP, _SECTION = feed_kind.KIND, sitemap_kind.KIND, section_kind.KIND
_MAX_DEPTH = 2  # indexes within indexes exist; deeper nesting is a loop


class SourceDiscovery:
    """Find the articles of one site.

    `scope()` decides which URLs are the site's; a start page that redirects may change it. `robots_sitemaps(url)` returns
    the sitemaps that the robots.txt of the URL's host names. `seen_filter` selects the articles that are yielded. `rules`
    say what of a source the run wants, and `call` runs the functions that read what the site sent.
    """

    def __init__(
        self,
        fetch: FetchSource,
        observer: SourceObserver,
        *,
        scope: Callable[[], SiteScope],
        robots_sitemaps: Callable[[str], Iterable[str]] = lambda _url: (),
        seen_filter: SeenFilter | None = None,
        rules: ReadingRules | None = None,
        call: CallReader = call_here,
    ):
        self._fetch, self._observer, self._call = fetch, observer, call
        self._scope, self._robots_sitemaps = scope, robots_sitemaps
        self._seen_filter = seen_filter or AllNew()
        self._rules = rules or ReadingRules()
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
        base = page.url if page else start
        read = await self._read(start, read_start_page, page, self._scope(), self._rules) if page else None
        found = read or StartPage()
        async for candidate in self._named_sources(found, base):
            yield candidate
        if page is not None and not self._listed:
            async for candidate in self._sections_from(found, page):
                yield candidate
        for kind, url in common_source_urls(base):
            if self._listed:
                break
            async for candidate in self._source(kind, url, guess=True):
                yield candidate
        if page is None:
            return
        if self._listed:
            self._observer.source_ok(start)
            self._seen_filter.record_read(page, 0, names_sources=True)
        elif read is not None:  # else it broke its reader, which has been said
            self._observer.source_failed(start, "no feed, no sitemap and no links to articles found")

    async def _named_sources(self, page: StartPage, base: str) -> AsyncIterator[Candidate]:
        """Yield the candidates of feeds and sitemaps that the start page and robots.txt name.

        An archive is read only if no feed gave anything or `since` says how far back to go: otherwise every run would
        fetch the site's whole history.
        """
        for url in page.feeds:
            async for candidate in self._source(_FEED, url):
                yield candidate
        for url in choose_sitemaps(self._robots_sitemaps(base)):
            if not self._listed or self._rules.since or is_news_sitemap(url):
                async for candidate in self._source(_SITEMAP, url):
                    yield candidate
        if not self._listed:
            for url in page.linked_feeds:
                async for candidate in self._source(_FEED, url, guess=True):
                    yield candidate

    async def _sections_from(self, start: StartPage, page: Fetched) -> AsyncIterator[Candidate]:
        async for candidate in self._due(start.articles, page.url):
            yield candidate
        for url in start.sections:
            async for candidate in self._source(_SECTION, url):
                yield candidate

    async def _source(
        self, kind: SourceKind, url: str, page: Fetched | None = None, *, guess: bool = False, depth: int = 0
    ) -> AsyncIterator[Candidate]:
        page = page or await self._get(url, kind.request_kind, guess=guess, child=depth > 0)
        if page is None or self._is_unchanged(page):
            return
        reading = await self._read(url, read_source, kind, page, self._scope(), self._rules)
        if reading is None or not self._report(url, reading, guess):
            return
        async for candidate in self._due(reading, page.requested_url):
            yield candidate
        if reading.complete or reading.names_sources:
            self._seen_filter.record_read(page, reading.listed, names_sources=reading.names_sources)
        for child in reading.children if depth < _MAX_DEPTH else ():
            async for candidate in self._source(kind, child, depth=depth + 1):
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

    async def _read(self, url: str, reader: Callable[_P, _T | None], *args: _P.args, **kwargs: _P.kwargs) -> _T | None:
        try:
            return await self._call(reader, *args, **kwargs)
        except BrokenReadingError as error:
            self._observer.source_broke_reader(url, error)
            return None

    async def _due(self, reading: SourceReading, source: str) -> AsyncIterator[Candidate]:
        """Yield the candidates that are due. Between two chunks, others get their turn of the event loop."""
        self._listed += reading.listed + reading.too_old
        self._observer.articles_too_old(reading.too_old)
        for found in reading.unpack():
            for candidate in self._seen_filter.select_due(found, source):
                yield candidate
            await asyncio.sleep(0)

    def _report(self, url: str, reading: SourceReading, guess: bool) -> bool:
        """Report how a source did, and tell whether it gave anything to continue with."""
        if reading.is_empty:
            if not guess:
                self._observer.source_failed(url, reading.problems[0])
            return False
        self._observer.source_ok(url)
        for problem in reading.problems:
            self._observer.source_problem(problem)
        return True

    def _is_unchanged(self, page: Fetched) -> bool:
        if page.unchanged is None:
            return False
        self._listed += page.unchanged  # it does list articles: no other source has to be tried instead
        self._observer.source_ok(page.requested_url)
        return True


def detect_source_kind(page: Fetched) -> SourceKind | None:
    """Return the kind of a source that was given as a start page, by its first bytes; None for an ordinary page."""
    return next((kind for kind in source_kinds() if kind.recognizes(page)), None)
