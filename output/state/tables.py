"""Define the tables of the state. Importing this module registers all of them in `schema.METADATA`."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from output.state.schema import METADATA, KeyColumn, make_partial

ARTICLES_TABLE = Table(
    "articles",
    METADATA,
    Column("key", KeyColumn, primary_key=True, autoincrement=False),  # schema.id_key of its id
    Column("url", Text),  # the canonical one
    Column("source", String),  # registered domain
    Column("content_hash", String(32), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("published", KeyColumn),
    Column("first_seen", KeyColumn, nullable=False),
    Column("last_checked", KeyColumn, nullable=False),
    Column("run", String, nullable=False),  # that wrote the newest version
)

Index("articles_text", ARTICLES_TABLE.c.content_hash)


BLOCKS_TABLE = Table(
    "blocks",
    METADATA,
    Column("site", String, primary_key=True),
    Column("block", KeyColumn, primary_key=True, autoincrement=False),
    Column("articles", Integer, nullable=False),  # different ones that carried it
    Column("within", Integer, nullable=False),  # of these, where it stood more than once
    Column("seen", KeyColumn, nullable=False),  # last
    sqlite_with_rowid=False,
)
# Most blocks stand on one article and are of no use until a second one carries them: they are never loaded.
make_partial(Index("blocks_shared", BLOCKS_TABLE.c.site, BLOCKS_TABLE.c.articles), BLOCKS_TABLE.c.articles > 1)

SITES_TABLE = Table(
    "remembered_sites",
    METADATA,
    Column("site", String, primary_key=True),
    Column("articles", Integer, nullable=False),  # that `blocks` counts
    Column("seen", KeyColumn, nullable=False),  # last
)

# Articles that are counted: a new version of one is not counted again.
SITE_ARTICLES_TABLE = Table(
    "remembered_articles",
    METADATA,
    Column("site", String, primary_key=True),
    Column("article", KeyColumn, primary_key=True, autoincrement=False),
    Column("headline", Text),  # folded; null where it is too short to be known again
    Column("seen", KeyColumn, nullable=False),
    sqlite_with_rowid=False,
)
Index("remembered_articles_newest", SITE_ARTICLES_TABLE.c.site, SITE_ARTICLES_TABLE.c.seen)


RUNS_TABLE = Table(
    "runs",
    METADATA,
    Column("run", String(32), primary_key=True),
    Column("stage", String(16), nullable=False),  # output.state.run_stages.Stage
    Column("started", KeyColumn, nullable=False),
    Column("ended", KeyColumn),
)


SIGNATURES_TABLE = Table(
    "signatures",
    METADATA,
    Column("article", KeyColumn, primary_key=True, autoincrement=False),
    Column("added", KeyColumn, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
)

BANDS_TABLE = Table(
    "bands",
    METADATA,
    Column("band", KeyColumn, primary_key=True, autoincrement=False),  # a hash of the band's number and its rows
    Column("article", KeyColumn, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)


SOURCES_TABLE = Table(
    "sources",
    METADATA,
    Column("key", KeyColumn, primary_key=True, autoincrement=False),
    Column("url", Text, nullable=False),
    Column("site", String, nullable=False),
    Column("found_at", Text, nullable=False),  # after redirects
    Column("etag", Text),
    Column("last_modified", Text),
    Column("scope", String(32), nullable=False),  # by which rules its articles were chosen
    Column("since", KeyColumn),  # older ones were left out
    Column("listed", Integer, nullable=False),  # articles it listed
    Column("content_type", Text),
    Column("body", LargeBinary),  # of what names other sources, compressed: these are asked also after a 304
    Column("read_at", KeyColumn, nullable=False),  # when it was last read to its end
    Column("answered", KeyColumn, nullable=False),  # when it last answered, with whatever
)


URLS_TABLE = Table(
    "urls",
    METADATA,
    Column("key", KeyColumn, primary_key=True, autoincrement=False),
    Column("url", Text, nullable=False),
    Column("site", String, nullable=False),
    Column("source", KeyColumn),  # the feed, sitemap or page that it was found in
    Column("outcome", String(16), nullable=False),  # output.state.known_urls.UrlStatus
    Column("reason", String(32)),  # why it gave no article
    Column("attempts", Integer, nullable=False),  # that failed, in a row
    Column("visits", Integer, nullable=False),  # of an article, after the first
    Column("next_try", KeyColumn),  # a moment; null: never again
    Column("first_seen", KeyColumn, nullable=False),
    Column("last_seen", KeyColumn, nullable=False),  # to the day: it is not written at every look
    Column("published", KeyColumn),  # as its source says
    Column("etag", Text),
    Column("last_modified", Text),
    Column("article", KeyColumn),
    Column("hint", LargeBinary),  # what its source said of it, until it is settled
)

make_partial(Index("urls_due", URLS_TABLE.c.site, URLS_TABLE.c.next_try), URLS_TABLE.c.next_try.is_not(None))


OBSERVATIONS_TABLE = Table(
    "watch_runs",
    METADATA,
    Column("site", String, primary_key=True),
    Column("at", KeyColumn, primary_key=True, autoincrement=False),  # when the run saw it; of a whole day, its last run
    Column("seen", LargeBinary, nullable=False),  # an Observation as JSON
    sqlite_with_rowid=False,
)

ACTIVE_ALARMS_TABLE = Table(
    "watch_alarms",
    METADATA,
    Column("site", String, primary_key=True),
    Column("symptom", String(32), primary_key=True),  # output.monitoring.Symptom
    Column("since", KeyColumn, nullable=False),
    Column("told", KeyColumn, nullable=False),  # last
)


__all__ = [
    "ACTIVE_ALARMS_TABLE",
    "ARTICLES_TABLE",
    "BANDS_TABLE",
    "BLOCKS_TABLE",
    "OBSERVATIONS_TABLE",
    "RUNS_TABLE",
    "SIGNATURES_TABLE",
    "SITES_TABLE",
    "SITE_ARTICLES_TABLE",
    "SOURCES_TABLE",
    "URLS_TABLE",
]
