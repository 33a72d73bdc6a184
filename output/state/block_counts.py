"""Store site memory: how many articles of a site contain each block.

Its size is bounded. When a site reaches WINDOW articles, all its counts are halved, which drops blocks of a single
article and fades those that the site no longer prints. `delete_old_blocks` deletes what was not seen for long.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from output.state.database import batches
from output.state.schema import id_key, to_microseconds
from output.state.tables import BLOCKS_TABLE, SITE_ARTICLES_TABLE, SITES_TABLE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

# Articles of a site after which counts are halved: a month of a small site, days of a large one.
WINDOW = 2000
# How many headlines are loaded, newest first: pages seldom link to older articles.
HEADLINES = 2000

# Built once, since building these statements takes longer than running them.
_OF_BLOCK = (BLOCKS_TABLE.c.site == bindparam("of_site")) & (BLOCKS_TABLE.c.block == bindparam("of_block"))
_COUNT_MORE = (
    update(BLOCKS_TABLE)
    .where(_OF_BLOCK)
    .values(
        articles=BLOCKS_TABLE.c.articles + bindparam("more"),
        within=BLOCKS_TABLE.c.within + bindparam("more_within"),
        seen=bindparam("at"),
    )
)
_KNOWN_BLOCKS = select(BLOCKS_TABLE.c.block).where(
    BLOCKS_TABLE.c.site == bindparam("site"), BLOCKS_TABLE.c.block.in_(bindparam("blocks", expanding=True))
)
_SHARED_BLOCKS = select(BLOCKS_TABLE.c.block, BLOCKS_TABLE.c.articles, BLOCKS_TABLE.c.within).where(
    BLOCKS_TABLE.c.site == bindparam("site"), BLOCKS_TABLE.c.articles > 1
)
_COUNTED = select(SITE_ARTICLES_TABLE.c.article).where(
    SITE_ARTICLES_TABLE.c.site == bindparam("site"),
    SITE_ARTICLES_TABLE.c.article.in_(bindparam("articles", expanding=True)),
)
_HEADLINES = (
    select(SITE_ARTICLES_TABLE.c.headline)
    .where(SITE_ARTICLES_TABLE.c.site == bindparam("site"))
    .order_by(SITE_ARTICLES_TABLE.c.seen.desc())
    .limit(HEADLINES)
)
_TOTAL = select(SITES_TABLE.c.articles).where(SITES_TABLE.c.site == bindparam("site"))
_COUNT_SITE = (
    update(SITES_TABLE)
    .where(SITES_TABLE.c.site == bindparam("of_site"))
    .values(articles=bindparam("total"), seen=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class ArticleBlocks:
    """Hold an article's blocks.

    `ids` are the ids of its versions, `blocks` maps a block to its number of occurrences, and `headlines` maps an id to
    the normalized headline.
    """

    ids: tuple[str, ...]
    blocks: Mapping[int, int]
    headlines: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredBlocks:
    """Hold the block counts of a site.

    `articles` is the number of articles counted. `blocks` maps each block that two or more of them contain to the
    number of articles with it, and the number with it more than once.
    """

    articles: int = 0
    blocks: Mapping[int, tuple[int, int]] = field(default_factory=dict)


def known_sites(connection: Connection, sites: Collection[str]) -> dict[str, int]:
    """Return the number of counted articles for each of these sites that has any."""
    counts = select(SITES_TABLE.c.site, SITES_TABLE.c.articles)
    return {
        site: articles
        for batch in batches(iter(sites))
        for site, articles in connection.execute(counts.where(SITES_TABLE.c.site.in_(batch)))
    }


def sites_with_several(connection: Connection) -> set[str]:
    """Return the sites with two or more counted articles. Only these can have repeated blocks."""
    return set(connection.scalars(select(SITES_TABLE.c.site).where(SITES_TABLE.c.articles > 1)))


def add_blocks(connection: Connection, by_site: Mapping[str, Sequence[ArticleBlocks]], now: datetime) -> None:
    """Count articles, site by site. An article that was counted before, in any version, is not counted again."""
    at = to_microseconds(now)
    totals = known_sites(connection, by_site)
    fresh: dict[Table, list[dict[str, Any]]] = {SITE_ARTICLES_TABLE: [], BLOCKS_TABLE: [], SITES_TABLE: []}
    for site, articles in by_site.items():
        is_known = site in totals
        known = _counted(connection, site, [one for article in articles for one in article.ids]) if is_known else set()
        new = [article for article in articles if known.isdisjoint(map(id_key, article.ids))]
        fresh[SITE_ARTICLES_TABLE] += _article_rows(site, articles, known, at)
        rows = _block_rows(site, new, at)
        fresh[BLOCKS_TABLE] += _uncounted(connection, site, rows) if is_known else rows
        totals[site] = totals.get(site, 0) + len(new)
        if is_known:
            connection.execute(_COUNT_SITE, {"of_site": site, "total": totals[site], "at": at})
        else:
            fresh[SITES_TABLE].append({"site": site, "articles": totals[site], "seen": at})
    for table, rows in fresh.items():
        for batch in batches(rows):
            connection.execute(insert(table), batch)
    for site in by_site:
        while totals[site] >= WINDOW:
            totals[site] = _halve(connection, site, totals[site])


def load_blocks(connection: Connection, site: str) -> StoredBlocks:
    """Load the block counts of a site. They are few, however many articles it has."""
    total = connection.scalar(_TOTAL, {"site": site})
    if not total:
        return StoredBlocks()
    rows = connection.execute(_SHARED_BLOCKS, {"site": site})
    return StoredBlocks(total, {block: (articles, within) for block, articles, within in rows})


def load_headlines(connection: Connection, site: str) -> list[str]:
    """Load the normalized headlines of a site's articles: the newest HEADLINES, newest first."""
    return [headline for headline in connection.scalars(_HEADLINES, {"site": site}) if headline]


def delete_old_blocks(connection: Connection, before: datetime) -> int:
    """Delete blocks, articles and sites last seen before a time, and return how many blocks."""
    deleted = connection.execute(delete(BLOCKS_TABLE).where(BLOCKS_TABLE.c.seen < to_microseconds(before)))
    for table in (SITE_ARTICLES_TABLE, SITES_TABLE):
        connection.execute(delete(table).where(table.c.seen < to_microseconds(before)))
    return int(deleted.rowcount)


def _counted(connection: Connection, site: str, ids: Collection[str]) -> set[int]:
    """Return the keys of those articles that were already counted."""
    return {
        key
        for batch in batches(iter({id_key(one) for one in ids}))
        for key in connection.scalars(_COUNTED, {"site": site, "articles": batch})
    }


def _article_rows(
    site: str, articles: Iterable[ArticleBlocks], known: Collection[int], at: int
) -> list[dict[str, Any]]:
    headlines = {id_key(one): article.headlines.get(one) for article in articles for one in article.ids}
    return [
        {"site": site, "article": key, "headline": headline, "seen": at}
        for key, headline in headlines.items()
        if key not in known
    ]


def _block_rows(site: str, articles: Iterable[ArticleBlocks], at: int) -> list[dict[str, Any]]:
    """Make a row for each block, as if none had been counted before."""
    counts: Counter[int] = Counter()
    within: Counter[int] = Counter()
    for article in articles:
        counts.update(article.blocks.keys())
        within.update(block for block, times in article.blocks.items() if times > 1)
    return [
        {"site": site, "block": block, "articles": number, "within": within[block], "seen": at}
        for block, number in counts.items()
    ]


def _uncounted(connection: Connection, site: str, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows whose blocks were never counted; add the counts of the others to the stored ones."""
    fresh: list[dict[str, Any]] = []
    for batch in batches(rows):
        known = set(connection.scalars(_KNOWN_BLOCKS, {"site": site, "blocks": [row["block"] for row in batch]}))
        fresh += [row for row in batch if row["block"] not in known]
        more = [
            {
                "of_site": site,
                "of_block": row["block"],
                "more": row["articles"],
                "more_within": row["within"],
                "at": row["seen"],
            }
            for row in batch
            if row["block"] in known
        ]
        if more:
            connection.execute(_COUNT_MORE, more)
    return fresh


def _halve(connection: Connection, site: str, total: int) -> int:
    connection.execute(delete(BLOCKS_TABLE).where(BLOCKS_TABLE.c.site == site, BLOCKS_TABLE.c.articles < 2))
    halved = {"articles": BLOCKS_TABLE.c.articles // 2, "within": BLOCKS_TABLE.c.within // 2}
    connection.execute(update(BLOCKS_TABLE).where(BLOCKS_TABLE.c.site == site).values(**halved))
    connection.execute(update(SITES_TABLE).where(SITES_TABLE.c.site == site).values(articles=total // 2))
    return total // 2
