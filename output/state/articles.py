"""Articles that have a record: found by id or by their text."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from output.state.database import batches
from output.state.schema import id_key, id_of, moment, stamp
from output.state.tables import ARTICLES, URLS

# Asked for each page of a crawl: to put them together takes longer than to run them.
_WITH_KEY = select(ARTICLES).where(ARTICLES.c.key == bindparam("key"))
_WITH_TEXT = (
    select(ARTICLES).where(ARTICLES.c.content_hash == bindparam("text")).order_by(ARTICLES.c.first_seen).limit(20)
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


def article(connection: Connection, article_id: str) -> KnownArticle | None:
    """The article with this id; None where it has no record."""
    row = connection.execute(_WITH_KEY, {"key": id_key(article_id)}).one_or_none()
    return _known(row) if row else None


def with_text(connection: Connection, content_hash: str) -> list[KnownArticle]:
    """The articles whose text has this hash, the first seen first."""
    return [_known(row) for row in connection.execute(_WITH_TEXT, {"text": content_hash})]


def rows_of(connection: Connection, keys: Collection[int]) -> dict[int, dict[str, Any]]:
    """The whole rows of these articles, by key."""
    found: dict[int, dict[str, Any]] = {}
    for batch in batches(iter(keys)):
        for row in connection.execute(select(ARTICLES).where(ARTICLES.c.key.in_(batch))).mappings():
            found[row["key"]] = dict(row)
    return found


def forget(connection: Connection, before: datetime) -> int:
    """Forget articles that were last looked at before, where no URL leads to them any more; how many."""
    led_to = select(URLS.c.article).where(URLS.c.article.is_not(None))
    done = connection.execute(
        delete(ARTICLES).where(ARTICLES.c.last_checked < stamp(before), ARTICLES.c.key.not_in(led_to))
    )
    return done.rowcount


def _known(row: Any) -> KnownArticle:
    published = moment(row.published) if row.published is not None else None
    return KnownArticle(
        id_of(row.key), row.url, row.source, row.content_hash, row.revision, published, moment(row.first_seen)
    )
