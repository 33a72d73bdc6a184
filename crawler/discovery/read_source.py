"""Read a source in a worker process, and return no more of it than the crawl can hold.

The event loop only passes the bytes on: here they may take as long, and break as much, as they like. Candidates travel in
packed chunks, because to unpack all of a large sitemap at once would hold up the loop.
"""

from __future__ import annotations

import heapq
import pickle
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import inf
from time import process_time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.discovery.base import MAX_CHILDREN
from crawler.discovery.url_score import is_clearly_no_article

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crawler.discovery.base import Candidate, Fetched, SiteScope, SourceKind, SourceListing

# Candidates of one source: what the sitemap protocol allows a file.
MAX_CANDIDATES = 50_000
# Characters of all candidates of one source; full texts in feeds are by far the most.
MAX_CHARACTERS = 32_000_000
MAX_TITLE = 1000
MAX_FEED_HTML = 1_000_000
MAX_PROBLEMS = 10
MAX_PROBLEM_LENGTH = 300
# Candidates unpacked at once, some 1 ms; also the size of a query to the seen filter.
CHUNK_SIZE = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """Hold what a run wants of a source: articles since then, and of a long list the newest, enough for `limit`.

    A source that takes longer than `seconds` gives what was read by then; one that a reader cannot even open is cut off by
    the budget of its worker.
    """

    since: datetime | None = None
    limit: int | None = None
    seconds: float | None = None  # of CPU time, after which the rest of a source is left out


@dataclass(frozen=True, slots=True)
class SourceReading:
    """Hold what a source gave.

    `entries` counts what it lists, `listed` those that may be articles and `too_old` those of them that are older than the
    run wants. `children` are the other sources worth fetching of those it names. It is `complete` if all its articles are
    among the candidates.
    """

    chunks: tuple[bytes, ...] = ()
    entries: int = 0
    listed: int = 0
    too_old: int = 0
    children: tuple[str, ...] = ()
    names_sources: bool = False
    problems: tuple[str, ...] = ()
    complete: bool = True

    def unpack(self) -> Iterator[list[Candidate]]:
        """Yield the candidates in chunks, in the source's order."""
        return map(pickle.loads, self.chunks)

    @property
    def is_empty(self) -> bool:
        """Tell whether the source gave nothing but problems."""
        return bool(self.problems) and not self.entries and not self.names_sources


def read_source(kind: SourceKind, page: Fetched, scope: SiteScope, rules: ReadingRules) -> SourceReading | None:
    """Return what a source gave; None if there is nothing to read and that is not an error."""
    listing = kind.read(page, scope.is_article)
    return None if listing is None else read_listing(listing, kind, page, scope, rules)


def read_listing(
    listing: SourceListing, kind: SourceKind, page: Fetched, scope: SiteScope, rules: ReadingRules
) -> SourceReading:
    """Return what the run wants of a listing, within the bounds of one source."""
    return _Reader(kind, page, scope, rules).read(listing)


def pack_candidates(found: Sequence[Candidate]) -> tuple[bytes, ...]:
    """Pack candidates for `SourceReading.unpack`."""
    return tuple(
        pickle.dumps(list(found[start : start + CHUNK_SIZE]), pickle.HIGHEST_PROTOCOL)
        for start in range(0, len(found), CHUNK_SIZE)
    )


@dataclass(slots=True)
class _Reader:
    """Go through one listing, and count."""

    kind: SourceKind
    page: Fetched
    scope: SiteScope
    rules: ReadingRules
    entries: int = 0
    too_old: int = 0
    was_slow: bool = False
    redirector: str | None = None

    def read(self, listing: SourceListing) -> SourceReading:
        problems: list[str] = []
        candidates: Iterable[Candidate] = _until_broken(listing.candidates, self.page.url, problems)
        if self.kind.may_redirect:
            candidates = list(candidates)
            self.redirector = self._find_redirector(candidates)
        wanted = self._wanted(candidates)
        cuts = self.kind.is_lazy and self.rules.limit is not None
        if cuts:
            # Many sitemaps list the oldest first: keep the newest in a heap no larger than what a run can use.
            wanted = iter(_newest(wanted, max(3 * (self.rules.limit or 0), 50)))
        found, left_out = _within_bounds(candidate for candidate in wanted if self._may_be_article(candidate))
        if self.was_slow:
            problems.append(f"only {self.entries:,} entries could be read in {self.rules.seconds:g} s: {self.page.url}")
        children = self.kind.choose_children(listing.children, self.rules.since)[:MAX_CHILDREN]
        problems = [*listing.problems, *problems]
        if left_out:
            problems.append(f"{left_out:,} entries beyond what one source may list were left out: {self.page.url}")
        return SourceReading(
            pack_candidates(found),
            self.entries,
            len(found),
            self.too_old,
            tuple(children),
            bool(listing.children),
            _shorten(problems),
            not cuts and not self.was_slow,
        )

    def _wanted(self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        since, latest = self.rules.since, process_time() + (self.rules.seconds or inf)
        for candidate in candidates:
            self.entries += 1
            if self.entries % CHUNK_SIZE == 0 and process_time() > latest:
                self.was_slow = True
                return
            date = candidate.published or candidate.modified
            if date is None or since is None or date >= since:
                yield candidate
            elif self._fits(candidate.url, as_news=True):
                self.too_old += 1

    def _may_be_article(self, candidate: Candidate) -> bool:
        if candidate.overlong:
            return self._owns(candidate.url)
        as_news = self.kind.lists_only_articles or candidate.published is not None
        return self._fits(candidate.url, as_news=as_news) or (
            self.redirector is not None and urlsplit(candidate.url).netloc == self.redirector
        )

    def _fits(self, url: str, *, as_news: bool) -> bool:
        try:
            if (is_article := self.scope.is_article) is not None:
                return is_article(url)
            return self._owns(url) and not is_clearly_no_article(url, offered_as_news=as_news)
        except ValueError:  # not a URL that can be fetched
            return False

    def _owns(self, url: str) -> bool:
        try:
            return self.scope.owns(url)
        except ValueError:
            return False

    def _find_redirector(self, candidates: Sequence[Candidate]) -> str | None:
        """Return the foreign host that at least half of a feed's links go through; None if there is none.

        Such links are judged by where they redirect to. Single foreign links are other sites' articles.
        """
        hosts = Counter(urlsplit(found.url).netloc for found in candidates if not self._owns(found.url))
        host, count = hosts.most_common(1)[0] if hosts else ("", 0)
        return host if count * 2 >= len(candidates) and count else None


def _until_broken(candidates: Iterable[Candidate], url: str, problems: list[str]) -> Iterator[Candidate]:
    """Yield candidates until their reader fails: what came before the failure counts."""
    try:
        yield from candidates
    except MemoryError:
        raise  # for the worker to notice
    except Exception as error:
        problems.append(f"cannot be read to its end ({type(error).__name__}: {error}): {url}")


def _newest(entries: Iterable[Candidate], at_most: int) -> list[Candidate]:
    """Return the newest entries, newest first; those without a date come last, in the sitemap's order."""
    dated = ((entry.published or entry.modified or _EPOCH, -number, entry) for number, entry in enumerate(entries))
    return [entry for _, _, entry in heapq.nlargest(at_most, dated, key=lambda item: item[:2])]


def _within_bounds(candidates: Iterable[Candidate]) -> tuple[list[Candidate], int]:
    """Return the candidates that one source may give, with texts of a bounded length, and the number left out."""
    kept: list[Candidate] = []
    characters = left_out = 0
    for candidate in candidates:
        bounded = _bounded(candidate)
        characters += len(bounded.url) + len(bounded.title or "") + len(bounded.feed_html or "")
        if len(kept) < MAX_CANDIDATES and characters <= MAX_CHARACTERS:
            kept.append(bounded)
        else:
            left_out += 1
    return kept, left_out


def _bounded(candidate: Candidate) -> Candidate:
    title, html = candidate.title, candidate.feed_html
    if len(title or "") <= MAX_TITLE and len(html or "") <= MAX_FEED_HTML:
        return candidate
    too_much = html is not None and len(html) > MAX_FEED_HTML  # a cut text would pass for the whole one
    return replace(candidate, title=title and title[:MAX_TITLE], feed_html=None if too_much else html)


def _shorten(problems: Sequence[str]) -> tuple[str, ...]:
    shown = [problem[:MAX_PROBLEM_LENGTH] for problem in problems[:MAX_PROBLEMS]]
    rest = len(problems) - len(shown)
    return (*shown, f"{rest} more problems with this source") if rest else tuple(shown)
