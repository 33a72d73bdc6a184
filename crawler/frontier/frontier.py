"""Answer the spider from the state: which articles are new, what earlier runs left over, which sources have changed."""

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
from output.state.known_urls import DueUrl, FoundUrl, UrlStatus
from output.state.schema import id_from_key, to_microseconds, url_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from crawler.run.clock import Clock
    from output.state.known_articles import KnownArticle

# At most so many leftover URLs of one site are loaded in a run; the next run takes the rest.
_MAX_DUE = 5000


@dataclass(frozen=True, slots=True)
class Revisit:
    """Hold the id of an article to fetch again, and the validators for a conditional request."""

    article: str
    etag: str | None
    last_modified: str | None


class Frontier:
    """Track the URLs of one run. Without a state it stores nothing and treats every article as new.

    If the state fails (a full disk, say), methods call `on_failure` and raise StateError.
    """

    def __init__(
        self, state: State | None, clock: Clock, on_failure: Callable[[StateError], None] = lambda _error: None
    ):
        self._state, self._clock, self._on_failure = state, clock, on_failure
        self._retried: set[int] = set()  # keys of URLs that failed in earlier runs and are due again

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        assert self._state is not None
        try:
            with self._state.transaction() as connection:
                yield connection
        except StateError as error:
            self._on_failure(error)
            raise

    @contextmanager
    def batch_lookups(self) -> Iterator[None]:
        """Run several lookups in one transaction: beginning and ending one costs more than most lookups."""
        if self._state is None:
            yield
        else:
            with self._transaction():
                yield

    def select_due(self, site: str, candidates: Sequence[Candidate], source: str) -> list[Candidate]:
        """Return the candidates to fetch now: new ones, which it records as pending, and known ones that are due."""
        if self._state is None:
            return list(candidates)
        now = self._clock()
        by_key = _by_key(candidates)
        with self._transaction() as connection:
            known = known_urls.find_urls(connection, by_key)
            new = [_to_found(key, candidate) for key, candidate in by_key.items() if key not in known]
            known_urls.record_found(connection, site, source, new, now)
            known_urls.record_listed_again(connection, list(known.values()), now)
        self._retried.update(found.key for found in known.values() if found.outcome == UrlStatus.FAILED)
        return [candidate for key, candidate in by_key.items() if key not in known or known[key].is_due(now)]

    def select_requested(self, candidates: Mapping[str, Sequence[Candidate]]) -> set[Candidate]:
        """Return the explicitly requested articles, given by site, that have no record yet or are due.

        New ones are recorded as pending, as in `select_due`.
        """
        if self._state is None:
            return {candidate for found in candidates.values() for candidate in found}
        now = self._clock()
        by_site = {site: _by_key(found) for site, found in candidates.items()}
        with self._transaction() as connection:  # one for all sites: each commit waits for the disk
            known = known_urls.find_urls(connection, [key for by_key in by_site.values() for key in by_key])
            new = [
                (site, _to_found(key, candidate))
                for site, by_key in by_site.items()
                for key, candidate in by_key.items()
                if key not in known
            ]
            known_urls.record_requested(connection, new, now)
            known_urls.record_listed_again(connection, list(known.values()), now)
        return {
            candidate
            for by_key in by_site.values()
            for key, candidate in by_key.items()
            if key not in known or known[key].article is None or known[key].is_due(now)
        }

    def load_backlog(self, site: str, since: datetime | None) -> list[Candidate]:
        """Return URLs that earlier runs found but did not fetch, or may retry: the oldest, up to a limit."""
        leftover = self._due(site, revisits=False)
        self._retried.update(due.key for due in leftover if due.outcome == UrlStatus.FAILED)
        return [
            _to_candidate(due)
            for due in leftover
            if since is None or due.published is None or due.published >= to_microseconds(since)
        ]

    def load_revisits(self, site: str) -> list[tuple[Candidate, Revisit]]:
        """Return recent articles that are due for another visit."""
        found = self._due(site, revisits=True)
        return [
            (_to_candidate(due), Revisit(id_from_key(due.article), due.etag, due.last_modified))
            for due in found
            if due.article is not None
        ]

    def _due(self, site: str, *, revisits: bool) -> list[DueUrl]:
        if self._state is None:
            return []
        with self._transaction() as connection:
            return known_urls.due_urls(connection, site, self._clock(), _MAX_DUE, revisits=revisits)

    def find_source(self, url: str, scope: str, since: datetime | None) -> KnownSource | None:
        """Return what is stored of a source that can be fetched conditionally; None if it must be read in any case."""
        if self._state is None:
            return None
        with self._transaction() as connection:
            known = known_sources.find_source(connection, url)
        return known if known is not None and known.is_valid_for(scope, since) else None

    def record_source_unchanged(self, url: str) -> None:
        """Record that a source answered that it has not changed."""
        if self._state is not None:
            with self._transaction() as connection:
                known_sources.record_unchanged(connection, url, self._clock())

    def record_source_read(
        self, site: str, page: Fetched, listed: int, scope: str, since: datetime | None, *, keep: bool
    ) -> None:
        """Record that a source was read to its end and all its articles went through `select_due`.

        `keep` stores the body too, for sources that name other sources.
        """
        if self._state is None or page.replayed or not (page.etag or page.last_modified):
            return
        read = KnownSource(
            page.requested_url, site, page.url, page.etag, page.last_modified, scope, since, listed,
            page.content_type, page.body if keep else None,
        )  # fmt: skip
        with self._transaction() as connection:
            known_sources.record_read(connection, read, self._clock())

    def find_article(self, article_id: str) -> KnownArticle | None:
        """Return the article with this id from an earlier run; None if there is none."""
        if self._state is None:
            return None
        with self._transaction() as connection:
            return known_articles.find_article(connection, article_id)

    def has_failed_before(self, url: str) -> bool:
        """Tell whether an earlier run requested this URL and failed."""
        return url_key(comparison_key(url)) in self._retried


def _by_key(candidates: Sequence[Candidate]) -> dict[str, Candidate]:
    """Index the candidates by comparison key; of several spellings of one URL keep the first."""
    by_key: dict[str, Candidate] = {}
    for candidate in candidates:
        by_key.setdefault(comparison_key(candidate.url), candidate)
    return by_key


def _to_found(key: str, candidate: Candidate) -> FoundUrl:
    published = candidate.published.isoformat() if candidate.published else None  # keeps its own offset
    hint = orjson.dumps([candidate.title, published, candidate.feed_html, candidate.source_url])
    return FoundUrl(key, candidate.url, candidate.published, zlib.compress(hint))


def _to_candidate(due: DueUrl) -> Candidate:
    hint = orjson.loads(zlib.decompress(due.hint)) if due.hint else (None, None, None, "")
    title, published, feed_html, source = hint
    return Candidate(due.url, title, datetime.fromisoformat(published) if published else None, feed_html, source)
