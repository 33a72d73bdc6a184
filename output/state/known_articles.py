"""Find articles that have a record, by id or by text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, delete, select

from output.state.database import batches
from output.state.schema import from_microseconds, id_from_key, id_key, to_microseconds
from output.state.tables import ARTICLES_TABLE, URLS_TABLE

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

# Built once, since each page needs them, and building them takes longer than running them.
_WITH_KEY = select(ARTICLES_TABLE).where(ARTICLES_TABLE.c.key == bindparam("key"))
_WITH_TEXT = (
    select(ARTICLES_TABLE)
    .where(ARTICLES_TABLE.c.content_hash == bindparam("text"))
    .order_by(ARTICLES_TABLE.c.first_seen)
    .limit(20)
)


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """Describe the newest revision of an article. `source` is its registered domain."""

    id: str
    url: str | None
    source: str | None
    content_hash: str
    revision: int
    published: datetime | None
    first_seen: datetime


def find_article(connection: Connection, article_id: str) -> KnownArticle | None:
    """Return the article with this id, or None if it has no record."""
    row = connection.execute(_WITH_KEY, {"key": id_key(article_id)}).one_or_none()
    return _known(row) if row else None


def find_by_text(connection: Connection, content_hash: str) -> list[KnownArticle]:
    """Return the articles whose text has this hash, first seen first."""
    return [_known(row) for row in connection.execute(_WITH_TEXT, {"text": content_hash})]


def article_rows(connection: Connection, keys: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return whole rows of articles, by key."""
    found: dict[int, dict[str, Any]] = {}
    for batch in batches(iter(keys)):
        for row in connection.execute(select(ARTICLES_TABLE).where(ARTICLES_TABLE.c.key.in_(batch))).mappings():
            found[row["key"]] = dict(row)
    return found


def delete_old_articles(connection: Connection, before: datetime) -> int:
    """Delete articles last checked before a time to which no URL leads any more, and return how many."""
    referenced = select(URLS_TABLE.c.article).where(URLS_TABLE.c.article.is_not(None))
    deleted = connection.execute(
        delete(ARTICLES_TABLE).where(
            ARTICLES_TABLE.c.last_checked < to_microseconds(before), ARTICLES_TABLE.c.key.not_in(referenced)
        )
    )
    return deleted.rowcount


def _known(row: Any) -> KnownArticle:
    published = from_microseconds(row.published) if row.published is not None else None
    return KnownArticle(
        id_from_key(row.key),
        row.url,
        row.source,
        row.content_hash,
        row.revision,
        published,
        from_microseconds(row.first_seen),
    )
