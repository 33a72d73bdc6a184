"""Articles that have a record: found by id or by their text."""

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

# Asked for each page of a crawl: to put them together takes longer than to run them.
_WITH_KEY = select(ARTICLES_TABLE).where(ARTICLES_TABLE.c.key == bindparam("key"))
_WITH_TEXT = (
    select(ARTICLES_TABLE)
    .where(ARTICLES_TABLE.c.content_hash == bindparam("text"))
    .order_by(ARTICLES_TABLE.c.first_seen)
    .limit(20)
)


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """The newest version of an article. `source` is its registered domain."""

    id: str
    url: str | None
    source: str | None
    content_hash: str
    revision: int
    published: datetime | None
    first_seen: datetime


def find_article(connection: Connection, article_id: str) -> KnownArticle | None:
    """The article with this id; None where it has no record."""
    row = connection.execute(_WITH_KEY, {"key": id_key(article_id)}).one_or_none()
    return _known(row) if row else None


def find_by_text(connection: Connection, content_hash: str) -> list[KnownArticle]:
    """The articles whose text has this hash, the first seen first."""
    return [_known(row) for row in connection.execute(_WITH_TEXT, {"text": content_hash})]


def article_rows(connection: Connection, keys: Collection[int]) -> dict[int, dict[str, Any]]:
    """The whole rows of these articles, by key."""
    found: dict[int, dict[str, Any]] = {}
    for batch in batches(iter(keys)):
        for row in connection.execute(select(ARTICLES_TABLE).where(ARTICLES_TABLE.c.key.in_(batch))).mappings():
            found[row["key"]] = dict(row)
    return found


def delete_old_articles(connection: Connection, before: datetime) -> int:
    """Forget articles that were last looked at before, where no URL leads to them any more; how many."""
    led_to = select(URLS_TABLE.c.article).where(URLS_TABLE.c.article.is_not(None))
    done = connection.execute(
        delete(ARTICLES_TABLE).where(
            ARTICLES_TABLE.c.last_checked < to_microseconds(before), ARTICLES_TABLE.c.key.not_in(led_to)
        )
    )
    return done.rowcount


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
