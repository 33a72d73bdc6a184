"""Feeds, sitemaps, section and start pages: how to ask whether they have changed."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, String, Table, Text

from output.state.schema import METADATA, Key

SOURCES = Table(
    "sources",
    METADATA,
    Column("key", Key, primary_key=True, autoincrement=False),
    Column("url", Text, nullable=False),
    Column("site", String, nullable=False),
    Column("found_at", Text, nullable=False),  # after redirects
    Column("etag", Text),
    Column("last_modified", Text),
    Column("scope", String(32), nullable=False),  # by which rules its articles were chosen
    Column("since", Key),  # older ones were left out
    Column("listed", Integer, nullable=False),  # articles it listed
    Column("content_type", Text),
    Column("body", LargeBinary),  # of what names other sources, compressed: these are asked also after a 304
    Column("read_at", Key, nullable=False),  # when it was last read to its end
    Column("answered", Key, nullable=False),  # when it last answered, with whatever
)
