"""Articles that have a record: the newest version of each."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from output.state.schema import METADATA, Key

ARTICLES = Table(
    "articles",
    METADATA,
    Column("key", Key, primary_key=True, autoincrement=False),  # schema.id_key of its id
    Column("url", Text),  # the canonical one
    Column("source", String),  # registered domain
    Column("content_hash", String(32), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("published", Key),
    Column("first_seen", Key, nullable=False),
    Column("last_checked", Key, nullable=False),
    Column("run", String, nullable=False),  # that wrote the newest version
)

Index("articles_text", ARTICLES.c.content_hash)
