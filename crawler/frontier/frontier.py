"""What the spider asks of the state: which of the articles it found are new, what earlier runs left to be done, and
whether a source has changed.
"""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import orjson

from crawler.discovery.base import Candidate, Fetched
from crawler.discovery.urls import comparison_key
from output.state import State, StateError, known_articles, known_sources, known_urls
from output.state.known_sources import KnownSource
from output.state.known_urls import Due, Found, UrlStatus
from output.state.schema import id_of, to_seconds, url_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from crawler.run.clock import Clock
    from output.state.known_articles import KnownArticle

# URLs of one site that a run takes up of what earlier runs left; the rest is for the next.
_MOST_DUE = 5000


@dataclass(frozen=True, slots=True)
class Revisit:
    """An article to look at again: its id, and what to send along so that an unchanged page says so."""

    article: str
    etag: str | None
    last_modified: str | None


class Frontier:
    """The site_frontier of one run. Without a state it knows nothing and keeps nothing: then every article is new.

    Where the state fails (a full disk), `failed` is told, and the method raises StateError.
    """

    def __init__(self, state: State | None, clock: Clock, failed: Callable[[StateError], None] = lambda _error: None):
        self._state, self._clock, self._failed = state, clock, failed
        self._tried: set[int] = set()  # keys of URLs that failed in earlier runs and are asked for once more

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        assert self._state is not None
        try:
            with self._state.transaction() as connection:
                yield connection
        except StateError as error:
            self._failed(error)
            raise

    @contextmanager
    def batch_lookups(self) -> Iterator[None]:
        """Several questions as one transaction: to begin and end one takes longer than most questions."""
        if self._state is None:
            yield
        else:
            with self._transaction():
                yield

    def select_due(self, site: str, candidates: Sequence[Candidate], source: str) -> list[Candidate]:
        """Those of the candidates that are to be fetched now; what is new among them is recorded as pending."""
        if self._state is None:
            return list(candidates)
        now = self._clock()
        by_key = _by_key(candidates)
        with self._transaction() as connection:
            known = known_urls.find_urls(connection, by_key)
            new = [_found(key, candidate) for key, candidate in by_key.items() if key not in known]
            known_urls.record_found(connection, site, source, new, now)
            known_urls.seen_again(connection, list(known.values()), now)
        self._tried.update(one.key for one in known.values() if one.outcome == UrlStatus.FAILED)
        return [candidate for key, candidate in by_key.items() if key not in known or known[key].is_due(now)]

    def select_requested(self, candidates: Mapping[str, Sequence[Candidate]]) -> set[Candidate]:
        """Those of the articles that someone asked for, by site, which have no record yet; recorded as `fresh` does."""
        if self._state is None:
            return {one for found in candidates.values() for one in found}
        now = self._clock()
        by_site = {site: _by_key(found) for site, found in candidates.items()}
        with self._transaction() as connection:  # one for all: each waits for the disk
            known = known_urls.find_urls(connection, [key for by_key in by_site.values() for key in by_key])
            new = [
                (site, _found(key, candidate))
                for site, by_key in by_site.items()
                for key, candidate in by_key.items()
                if key not in known
            ]
            known_urls.record_named(connection, new, now)
            known_urls.seen_again(connection, list(known.values()), now)
        return {
            candidate
            for by_key in by_site.values()
            for key, candidate in by_key.items()
            if key not in known or known[key].article is None or known[key].is_due(now)
        }

    def load_backlog(self, site: str, since: datetime | None) -> list[Candidate]:
        """What earlier runs found and did not get, or failed to get and may try again: some of it, oldest first."""
        left = self._due(site, revisits=False)
        self._tried.update(due.key for due in left if due.outcome == UrlStatus.FAILED)
        return [
            _candidate(due)
            for due in left
            if since is None or due.published is None or due.published >= to_seconds(since)
        ]

    def load_revisits(self, site: str) -> list[tuple[Candidate, Revisit]]:
        """Young articles that are to be looked at again."""
        found = self._due(site, revisits=True)
        return [
            (_candidate(due), Revisit(id_of(due.article), due.etag, due.last_modified))
            for due in found
            if due.article is not None
        ]

    def _due(self, site: str, *, revisits: bool) -> list[Due]:
        if self._state is None:
            return []
        with self._transaction() as connection:
            return known_urls.due_urls(connection, site, self._clock(), _MOST_DUE, revisits=revisits)

    def find_source(self, url: str, scope: str, since: datetime | None) -> KnownSource | None:
        """What is known of a source that may be asked whether it has changed; None where it must be read anyway."""
        if self._state is None:
            return None
        with self._transaction() as connection:
            known = known_sources.find_source(connection, url)
        return known if known is not None and known.still_holds(scope, since) else None

    def record_source_unchanged(self, url: str) -> None:
        """A source answered that it has not changed."""
        if self._state is not None:
            with self._transaction() as connection:
                known_sources.record_unchanged(connection, url, self._clock())

    def record_source_read(
        self, site: str, page: Fetched, listed: int, scope: str, since: datetime | None, *, keep: bool
    ) -> None:
        """A source was read to its end, and all that it listed went through `fresh`. `keep`: it names other sources."""
        if self._state is None or page.replayed or not (page.etag or page.last_modified):
            return
        read = KnownSource(
            page.requested_url, site, page.url, page.etag, page.last_modified, scope, since, listed,
            page.content_type, page.body if keep else None,
        )  # fmt: skip
        with self._transaction() as connection:
            known_sources.record_read(connection, read, self._clock())

    def find_article(self, article_id: str) -> KnownArticle | None:
        """The article that has a record from an earlier run."""
        if self._state is None:
            return None
        with self._transaction() as connection:
            return known_articles.find_article(connection, article_id)

    def has_failed_before(self, url: str) -> bool:
        """Did an earlier run ask for this URL of its sources, and fail?"""
        return url_key(comparison_key(url)) in self._tried


def _by_key(candidates: Sequence[Candidate]) -> dict[str, Candidate]:
    """The candidates by comparison key; of several spellings of one URL, the first."""
    by_key: dict[str, Candidate] = {}
    for candidate in candidates:
        by_key.setdefault(comparison_key(candidate.url), candidate)
    return by_key


def _found(key: str, candidate: Candidate) -> Found:
    published = candidate.published.isoformat() if candidate.published else None  # with its own offset
    hint = orjson.dumps([candidate.title, published, candidate.feed_html, candidate.source_url])
    return Found(key, candidate.url, candidate.published, zlib.compress(hint))


def _candidate(due: Due) -> Candidate:
    hint = orjson.loads(zlib.decompress(due.hint)) if due.hint else (None, None, None, "")
    title, published, feed_html, source = hint
    return Candidate(due.url, title, datetime.fromisoformat(published) if published else None, feed_html, source)
