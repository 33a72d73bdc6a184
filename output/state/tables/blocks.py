"""Site memory: which articles of an outlet carried a block."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from output.state.schema import METADATA, Key

BLOCKS = Table(
    "blocks",
    METADATA,
    Column("site", String, primary_key=True),
    Column("block", Key, primary_key=True, autoincrement=False),
    Column("article", Key, primary_key=True, autoincrement=False),
    Column("seen", Key, nullable=False),
    sqlite_with_rowid=False,
)
