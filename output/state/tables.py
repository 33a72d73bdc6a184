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
    Column("run", String, nullable=False),  # the run that wrote the newest revision
)

Index("articles_text", ARTICLES_TABLE.c.content_hash)


BLOCKS_TABLE = Table(
    "blocks",
    METADATA,
    Column("site", String, primary_key=True),
    Column("block", KeyColumn, primary_key=True, autoincrement=False),
    Column("articles", Integer, nullable=False),  # number of articles that contain it
    Column("within", Integer, nullable=False),  # number that contain it more than once
    Column("seen", KeyColumn, nullable=False),  # when last seen
    sqlite_with_rowid=False,
)
# Most blocks are on a single article and useless until a second one has them, so the index skips them.
make_partial(Index("blocks_shared", BLOCKS_TABLE.c.site, BLOCKS_TABLE.c.articles), BLOCKS_TABLE.c.articles > 1)

SITES_TABLE = Table(
    "remembered_sites",
    METADATA,
    Column("site", String, primary_key=True),
    Column("articles", Integer, nullable=False),  # counted in `blocks`
    Column("seen", KeyColumn, nullable=False),  # when last seen
)

# The counted articles, so that a new revision is not counted again.
SITE_ARTICLES_TABLE = Table(
    "remembered_articles",
    METADATA,
    Column("site", String, primary_key=True),
    Column("article", KeyColumn, primary_key=True, autoincrement=False),
    Column("headline", Text),  # normalized; null if it is too short to be recognized
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
    Column("band", KeyColumn, primary_key=True, autoincrement=False),  # a hash of the band's number and its values
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
    Column("scope", String(32), nullable=False),  # identifies the rules that chose its articles
    Column("since", KeyColumn),  # older articles were skipped
    Column("listed", Integer, nullable=False),  # number of articles it listed
    Column("content_type", Text),
    Column("body", LargeBinary),  # compressed; only if it lists other sources, which are requested even after a 304
    Column("read_at", KeyColumn, nullable=False),  # when it was last read to its end
    Column("answered", KeyColumn, nullable=False),  # when it last responded, with any status
)


URLS_TABLE = Table(
    "urls",
    METADATA,
    Column("key", KeyColumn, primary_key=True, autoincrement=False),
    Column("url", Text, nullable=False),
    Column("site", String, nullable=False),
    Column("source", KeyColumn),  # the feed, sitemap or page that listed it
    Column("outcome", String(16), nullable=False),  # output.state.known_urls.UrlStatus
    Column("reason", String(32)),  # why it yielded no article
    Column("attempts", Integer, nullable=False),  # consecutive failures
    Column("visits", Integer, nullable=False),  # revisits of an article
    Column("next_try", KeyColumn),  # null: never again
    Column("first_seen", KeyColumn, nullable=False),
    Column("last_seen", KeyColumn, nullable=False),  # to the day, to save writes
    Column("published", KeyColumn),  # according to its source
    Column("etag", Text),
    Column("last_modified", Text),
    Column("article", KeyColumn),
    Column("hint", LargeBinary),  # what its source said about it, until it is settled
)

make_partial(Index("urls_due", URLS_TABLE.c.site, URLS_TABLE.c.next_try), URLS_TABLE.c.next_try.is_not(None))


OBSERVATIONS_TABLE = Table(
    "watch_runs",
    METADATA,
    Column("site", String, primary_key=True),
    # Time of the run; for a condensed day, of its last run.
    Column("at", KeyColumn, primary_key=True, autoincrement=False),
    Column("seen", LargeBinary, nullable=False),  # an Observation as JSON
    sqlite_with_rowid=False,
)

ACTIVE_ALARMS_TABLE = Table(
    "watch_alarms",
    METADATA,
    Column("site", String, primary_key=True),
    Column("symptom", String(32), primary_key=True),  # output.monitoring.Symptom
    Column("since", KeyColumn, nullable=False),
    Column("told", KeyColumn, nullable=False),  # when last reported
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
