"""Store known URLs: look them up in batches, record them as pending when found, settle them when a run ends.

A URL is pending from the time a source lists it until its record or reject is safe on disk. Once the URLs of a source
are pending, the source itself is no longer needed: whatever happens to this run, the next one fetches them.
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
    """State what became of a URL."""

    PENDING = "pending"  # not fetched yet
    ARTICLE = "article"
    DUPLICATE = "duplicate"  # of an article with another URL
    REJECTED = "rejected"  # no article, and not requested again
    FAILED = "failed"  # to be tried again
    GIVEN_UP = "given_up"


# `last_seen` is updated when it is older than this.
_LAST_SEEN_PRECISION = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KnownUrl:
    """Describe a known URL. `next_try` is in microseconds, as stored, or None for never; `article` is a key."""

    key: int
    outcome: UrlStatus
    next_try: int | None
    last_seen: int
    article: int | None

    def is_due(self, now: datetime) -> bool:
        """Tell whether the URL is to be fetched now. Articles are not: they are revisited."""
        return self.next_try is not None and self.next_try <= to_microseconds(now) and self.outcome != UrlStatus.ARTICLE


@dataclass(frozen=True, slots=True)
class FoundUrl:
    """Describe a URL as a source lists it.

    `comparison_key` is equal for all spellings of a URL. `hint` is what to keep of the listing.
    """

    comparison_key: str
    url: str
    published: datetime | None = None
    hint: bytes | None = None


@dataclass(frozen=True, slots=True)
class DueUrl:
    """Describe a URL to fetch now. For a revisit, `article` is the key of the article."""

    key: int
    url: str
    outcome: UrlStatus
    etag: str | None
    last_modified: str | None
    published: int | None
    article: int | None
    hint: bytes | None


def find_urls(connection: Connection, comparison_keys: Collection[str]) -> dict[str, KnownUrl]:
    """Return what is known of these URLs, by comparison key, without unknown ones. One query for each 500."""
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
    """Record unknown URLs as pending, in this order."""
    source_key = url_key(source)
    _insert(
        connection, [_pending(site, one, source_key, to_microseconds(now), number) for number, one in enumerate(found)]
    )


def record_requested(connection: Connection, found: Sequence[tuple[str, FoundUrl]], now: datetime) -> None:
    """Record requested URLs, each with its site, as pending, in this order."""
    no_source = url_key("")
    _insert(
        connection,
        [_pending(site, one, no_source, to_microseconds(now), number) for number, (site, one) in enumerate(found)],
    )


def _pending(site: str, found: FoundUrl, source: int, at: int, position: int) -> dict[str, Any]:
    published = to_microseconds(found.published) if found.published else None
    row = blank_row(found.comparison_key, found.url, site, at)
    return row | {"source": source, "next_try": at + position, "published": published, "hint": found.hint}


def _insert(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    for batch in batches(rows):
        connection.execute(insert(URLS_TABLE), batch)


def blank_row(comparison_key: str, url: str, site: str, at: int) -> dict[str, Any]:
    """Make the row of a URL about which nothing is known yet."""
    empty = dict.fromkeys(column.name for column in URLS_TABLE.columns)
    fresh = {"key": url_key(comparison_key), "url": url, "site": site, "outcome": UrlStatus.PENDING, "first_seen": at}
    return empty | fresh | {"last_seen": at, "attempts": 0, "visits": 0}


def record_listed_again(connection: Connection, known: Collection[KnownUrl], now: datetime) -> None:
    """Record that sources still list these URLs, once a day."""
    before = to_microseconds(now - _LAST_SEEN_PRECISION)
    for batch in batches(iter([one.key for one in known if one.last_seen < before])):
        connection.execute(update(URLS_TABLE).where(URLS_TABLE.c.key.in_(batch)).values(last_seen=to_microseconds(now)))


def due_urls(connection: Connection, site: str, now: datetime, at_most: int, *, revisits: bool) -> list[DueUrl]:
    """Return a site's URLs that are due, longest waiting first: articles to revisit, or else URLs left by earlier runs."""
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
    """Return whole rows of URLs, by key."""
    found: dict[int, dict[str, Any]] = {}
    for batch in batches(iter(keys)):
        for row in connection.execute(select(URLS_TABLE).where(URLS_TABLE.c.key.in_(batch))).mappings():
            found[row["key"]] = dict(row)
    return found


def delete_old_urls(connection: Connection, before: datetime) -> int:
    """Delete settled URLs that no source has listed since a time, and return how many.

    A source that responds "not modified" still lists what it listed when it was last read.
    """
    listed = (
        select(SOURCES_TABLE.c.key)
        .where(SOURCES_TABLE.c.key == URLS_TABLE.c.source, SOURCES_TABLE.c.answered >= to_microseconds(before))
        .where(SOURCES_TABLE.c.read_at <= URLS_TABLE.c.last_seen + _LAST_SEEN_PRECISION // timedelta(microseconds=1))
    )
    deleted = connection.execute(
        delete(URLS_TABLE).where(
            URLS_TABLE.c.next_try.is_(None), URLS_TABLE.c.last_seen < to_microseconds(before), ~listed.exists()
        )
    )
    return deleted.rowcount


def count_urls(connection: Connection) -> Mapping[str, int]:
    """Count URLs by outcome."""
    rows = connection.execute(select(URLS_TABLE.c.outcome, func.count()).group_by(URLS_TABLE.c.outcome))
    return {str(outcome): int(count) for outcome, count in rows}
