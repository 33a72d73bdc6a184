"""KnownUrl URLs: looked up in batches, recorded as pending when they are found, settled when a run is over.

A URL is pending from the moment its source listed it until a record or a reject of it is safe on disk. So a source may
be forgotten about as soon as its URLs are pending: whatever happens to the run, the next one asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, insert, select, update

from output.state.database import batches
from output.state.schema import to_microseconds, url_key
from output.state.tables import SOURCES_TABLE, URLS_TABLE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


class UrlStatus(StrEnum):
    """What became of a URL."""

    PENDING = "pending"  # not fetched yet
    ARTICLE = "article"
    DUPLICATE = "duplicate"  # of an article with another URL
    REJECTED = "rejected"  # no article, and not asked for again
    FAILED = "failed"  # to be tried again
    GIVEN_UP = "given_up"


# Older than this, `last_seen` is written anew.
_SEEN_TO = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KnownUrl:
    """What is known of a URL. `next_try` as stored; None: never. `article` is a key."""

    key: int
    outcome: UrlStatus
    next_try: int | None
    last_seen: int
    article: int | None

    def is_due(self, now: datetime) -> bool:
        """Is it still to be fetched, and may that be now? Articles are not: they are revisited."""
        return self.next_try is not None and self.next_try <= to_microseconds(now) and self.outcome != UrlStatus.ARTICLE


@dataclass(frozen=True, slots=True)
class FoundUrl:
    """A URL as a source lists it. `comparison_key` is equal for two spellings of one URL; `hint` what to keep of it."""

    comparison_key: str
    url: str
    published: datetime | None = None
    hint: bytes | None = None


@dataclass(frozen=True, slots=True)
class DueUrl:
    """A URL that is to be fetched now: `article` is the key of the one that it is a revisit of."""

    key: int
    url: str
    outcome: UrlStatus
    etag: str | None
    last_modified: str | None
    published: int | None
    article: int | None
    hint: bytes | None


def find_urls(connection: Connection, comparison_keys: Collection[str]) -> dict[str, KnownUrl]:
    """What is known of these URLs, by comparison key; unknown ones are left out. One query for each 500."""
    by_key = {url_key(text): text for text in comparison_keys}
    found: dict[str, KnownUrl] = {}
    columns = (
        URLS_TABLE.c.key,
        URLS_TABLE.c.outcome,
        URLS_TABLE.c.next_try,
        URLS_TABLE.c.last_seen,
        URLS_TABLE.c.article,
    )
    for batch in batches(iter(by_key)):
        for row in connection.execute(select(*columns).where(URLS_TABLE.c.key.in_(batch))):
            found[by_key[row.key]] = KnownUrl(row.key, UrlStatus(row.outcome), row.next_try, row.last_seen, row.article)
    return found


def record_found(connection: Connection, site: str, source: str, found: Sequence[FoundUrl], now: datetime) -> None:
    """Record URLs, none of them known, as pending; they keep their order."""
    listed_in = url_key(source)
    _record(
        connection, [_pending(site, one, listed_in, to_microseconds(now), number) for number, one in enumerate(found)]
    )


def record_requested(connection: Connection, found: Sequence[tuple[str, FoundUrl]], now: datetime) -> None:
    """The same for URLs that someone named, each with its site."""
    nowhere = url_key("")
    _record(
        connection,
        [_pending(site, one, nowhere, to_microseconds(now), number) for number, (site, one) in enumerate(found)],
    )


def _pending(site: str, found: FoundUrl, listed_in: int, at: int, place: int) -> dict[str, Any]:
    published = to_microseconds(found.published) if found.published else None
    row = blank_row(found.comparison_key, found.url, site, at)
    return row | {"source": listed_in, "next_try": at + place, "published": published, "hint": found.hint}


def _record(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    for batch in batches(rows):
        connection.execute(insert(URLS_TABLE), batch)


def blank_row(comparison_key: str, url: str, site: str, at: int) -> dict[str, Any]:
    """A row of a URL of which nothing is known yet."""
    empty = dict.fromkeys(column.name for column in URLS_TABLE.columns)
    fresh = {"key": url_key(comparison_key), "url": url, "site": site, "outcome": UrlStatus.PENDING, "first_seen": at}
    return empty | fresh | {"last_seen": at, "attempts": 0, "visits": 0}


def record_listed_again(connection: Connection, again: Collection[KnownUrl], now: datetime) -> None:
    """Note that sources still list these URLs; written once a day."""
    before = to_microseconds(now - _SEEN_TO)
    for batch in batches(iter([one.key for one in again if one.last_seen < before])):
        connection.execute(update(URLS_TABLE).where(URLS_TABLE.c.key.in_(batch)).values(last_seen=to_microseconds(now)))


def due_urls(connection: Connection, site: str, now: datetime, at_most: int, *, revisits: bool) -> list[DueUrl]:
    """The site's URLs that are to be fetched now, those that have waited longest first: articles to revisit, or else
    what earlier runs left undone.
    """
    is_article = URLS_TABLE.c.outcome == UrlStatus.ARTICLE
    c = URLS_TABLE.c
    columns = (c.key, c.url, c.outcome, c.etag, c.last_modified, c.published, c.article, c.hint)
    rows = connection.execute(
        select(*columns)
        .where(
            URLS_TABLE.c.site == site,
            URLS_TABLE.c.next_try <= to_microseconds(now),
            is_article if revisits else ~is_article,
        )
        .order_by(URLS_TABLE.c.next_try)
        .limit(at_most)
    )
    return [DueUrl(*row) for row in rows]


def url_rows(connection: Connection, keys: Collection[int]) -> dict[int, dict[str, Any]]:
    """The whole rows of these URLs, by key."""
    found: dict[int, dict[str, Any]] = {}
    for batch in batches(iter(keys)):
        for row in connection.execute(select(URLS_TABLE).where(URLS_TABLE.c.key.in_(batch))).mappings():
            found[row["key"]] = dict(row)
    return found


def delete_old_urls(connection: Connection, before: datetime) -> int:
    """Forget settled URLs that no source has listed since; how many. Raises nothing where there are none.

    A source that answers "not modified" still lists what it listed when it was last read.
    """
    listed = (
        select(SOURCES_TABLE.c.key)
        .where(SOURCES_TABLE.c.key == URLS_TABLE.c.source, SOURCES_TABLE.c.answered >= to_microseconds(before))
        .where(SOURCES_TABLE.c.read_at <= URLS_TABLE.c.last_seen + _SEEN_TO // timedelta(microseconds=1))
    )
    done = connection.execute(
        delete(URLS_TABLE).where(
            URLS_TABLE.c.next_try.is_(None), URLS_TABLE.c.last_seen < to_microseconds(before), ~listed.exists()
        )
    )
    return done.rowcount


def count_urls(connection: Connection) -> Mapping[str, int]:
    """How many URLs have which outcome."""
    rows = connection.execute(select(URLS_TABLE.c.outcome, func.count()).group_by(URLS_TABLE.c.outcome))
    return {str(outcome): int(count) for outcome, count in rows}
