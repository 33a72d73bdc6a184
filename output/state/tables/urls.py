"""URLs of articles: where each was found, what became of it, and when it is to be asked for again."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from output.state.schema import METADATA, Key, holds_only

URLS = Table(
    "urls",
    METADATA,
    Column("key", Key, primary_key=True, autoincrement=False),
    Column("url", Text, nullable=False),
    Column("site", String, nullable=False),
    Column("source", Key),  # the feed, sitemap or page that it was found in
    Column("outcome", String(16), nullable=False),  # output.state.urls.Outcome
    Column("reason", String(32)),  # why it gave no article
    Column("attempts", Integer, nullable=False),  # that failed, in a row
    Column("visits", Integer, nullable=False),  # of an article, after the first
    Column("next_try", Key),  # a moment; null: never again
    Column("first_seen", Key, nullable=False),
    Column("last_seen", Key, nullable=False),  # to the day: it is not written at every look
    Column("published", Key),  # as its source says
    Column("etag", Text),
    Column("last_modified", Text),
    Column("article", Key),
    Column("hint", LargeBinary),  # what its source said of it, until it is settled
)

holds_only(Index("urls_due", URLS.c.site, URLS.c.next_try), URLS.c.next_try.is_not(None))
