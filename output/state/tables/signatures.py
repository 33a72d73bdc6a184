"""MinHash signatures of articles, and the bands by which near-duplicates are found."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, Table

from output.state.schema import METADATA, Key

SIGNATURES = Table(
    "signatures",
    METADATA,
    Column("article", Key, primary_key=True, autoincrement=False),
    Column("added", Key, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
)

BANDS = Table(
    "bands",
    METADATA,
    Column("band", Key, primary_key=True, autoincrement=False),  # a hash of the band's number and its rows
    Column("article", Key, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
