"""Site memory: how many articles of an outlet carried a block."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from output.state.schema import METADATA, Key, holds_only

BLOCKS = Table(
    "blocks",
    METADATA,
    Column("site", String, primary_key=True),
    Column("block", Key, primary_key=True, autoincrement=False),
    Column("articles", Integer, nullable=False),  # different ones that carried it
    Column("within", Integer, nullable=False),  # of these, where it stood more than once
    Column("seen", Key, nullable=False),  # last
    sqlite_with_rowid=False,
)
# Most blocks stand on one article and are of no use until a second one carries them: they are never loaded.
holds_only(Index("blocks_shared", BLOCKS.c.site, BLOCKS.c.articles), BLOCKS.c.articles > 1)

REMEMBERED_SITES = Table(
    "remembered_sites",
    METADATA,
    Column("site", String, primary_key=True),
    Column("articles", Integer, nullable=False),  # that `blocks` counts
    Column("seen", Key, nullable=False),  # last
)

# Articles that are counted: a new version of one is not counted again.
REMEMBERED_ARTICLES = Table(
    "remembered_articles",
    METADATA,
    Column("site", String, primary_key=True),
    Column("article", Key, primary_key=True, autoincrement=False),
    Column("headline", Text),  # folded; null where it is too short to be known again
    Column("seen", Key, nullable=False),
    sqlite_with_rowid=False,
)
Index("remembered_articles_newest", REMEMBERED_ARTICLES.c.site, REMEMBERED_ARTICLES.c.seen)
