"""Site memory between runs: how many articles of an outlet carried each block.

Its size is bounded: when an outlet has WINDOW articles, all its counts are halved. Blocks that stood on one article are
forgotten by that, and what an outlet has stopped to print fades. What was not seen for long goes with `forget`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from output.state.database import batches
from output.state.schema import id_key, stamp
from output.state.tables import BLOCKS, REMEMBERED_ARTICLES, REMEMBERED_SITES

# Articles of an outlet after which counts are halved: a month of a small outlet, days of a large one.
WINDOW = 2000
# Headlines that are loaded, the newest: what a page links to is seldom older.
HEADLINES = 2000

# Run for each outlet of a run: to put them together takes longer than to run them.
_OF_BLOCK = (BLOCKS.c.site == bindparam("of_site")) & (BLOCKS.c.block == bindparam("of_block"))
_COUNT_MORE = (
    update(BLOCKS)
    .where(_OF_BLOCK)
    .values(
        articles=BLOCKS.c.articles + bindparam("more"),
        within=BLOCKS.c.within + bindparam("more_within"),
        seen=bindparam("at"),
    )
)
_KNOWN_BLOCKS = select(BLOCKS.c.block).where(
    BLOCKS.c.site == bindparam("site"), BLOCKS.c.block.in_(bindparam("blocks", expanding=True))
)
_SHARED_BLOCKS = select(BLOCKS.c.block, BLOCKS.c.articles, BLOCKS.c.within).where(
    BLOCKS.c.site == bindparam("site"), BLOCKS.c.articles > 1
)
_COUNTED = select(REMEMBERED_ARTICLES.c.article).where(
    REMEMBERED_ARTICLES.c.site == bindparam("site"),
    REMEMBERED_ARTICLES.c.article.in_(bindparam("articles", expanding=True)),
)
_HEADLINES = (
    select(REMEMBERED_ARTICLES.c.headline)
    .where(REMEMBERED_ARTICLES.c.site == bindparam("site"))
    .order_by(REMEMBERED_ARTICLES.c.seen.desc())
    .limit(HEADLINES)
)
_TOTAL = select(REMEMBERED_SITES.c.articles).where(REMEMBERED_SITES.c.site == bindparam("site"))
_COUNT_SITE = (
    update(REMEMBERED_SITES)
    .where(REMEMBERED_SITES.c.site == bindparam("of_site"))
    .values(articles=bindparam("total"), seen=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Carried:
    """One article's blocks: `ids` of its versions, block → how often it stands in it. `headlines` are folded, by id."""

    ids: tuple[str, ...]
    blocks: Mapping[int, int]
    headlines: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remembered:
    """An outlet: articles counted; block → (articles that carried it, those of them with it more than once), of blocks
    that two or more carried."""

    articles: int = 0
    blocks: Mapping[int, tuple[int, int]] = field(default_factory=dict)


def known_sites(connection: Connection, sites: Collection[str]) -> dict[str, int]:
    """Those of these outlets of which anything is remembered, and how many articles were counted."""
    asked = select(REMEMBERED_SITES.c.site, REMEMBERED_SITES.c.articles)
    return {
        site: articles
        for batch in batches(iter(sites))
        for site, articles in connection.execute(asked.where(REMEMBERED_SITES.c.site.in_(batch)))
    }


def sites_with_several(connection: Connection) -> set[str]:
    """The outlets of which two articles or more were counted: others repeat nothing yet."""
    return set(connection.scalars(select(REMEMBERED_SITES.c.site).where(REMEMBERED_SITES.c.articles > 1)))


def add(connection: Connection, carried: Mapping[str, Sequence[Carried]], now: datetime) -> None:
    """Count articles, outlet by outlet. One that was counted before, whatever its version, is not counted again."""
    at = stamp(now)
    totals = known_sites(connection, carried)
    fresh: dict[Table, list[dict[str, Any]]] = {REMEMBERED_ARTICLES: [], BLOCKS: [], REMEMBERED_SITES: []}
    for site, articles in carried.items():
        is_known = site in totals
        known = _counted(connection, site, [one for article in articles for one in article.ids]) if is_known else set()
        new = [article for article in articles if known.isdisjoint(map(id_key, article.ids))]
        fresh[REMEMBERED_ARTICLES] += _article_rows(site, articles, known, at)
        rows = _block_rows(site, new, at)
        fresh[BLOCKS] += _uncounted(connection, site, rows) if is_known else rows
        totals[site] = totals.get(site, 0) + len(new)
        if is_known:
            connection.execute(_COUNT_SITE, {"of_site": site, "total": totals[site], "at": at})
        else:
            fresh[REMEMBERED_SITES].append({"site": site, "articles": totals[site], "seen": at})
    for table, rows in fresh.items():
        for batch in batches(rows):
            connection.execute(insert(table), batch)
    for site in carried:
        while totals[site] >= WINDOW:
            totals[site] = _halve(connection, site, totals[site])


def load(connection: Connection, site: str) -> Remembered:
    """What is remembered of an outlet; little, however many articles it has."""
    total = connection.scalar(_TOTAL, {"site": site})
    if not total:
        return Remembered()
    rows = connection.execute(_SHARED_BLOCKS, {"site": site})
    return Remembered(total, {block: (articles, within) for block, articles, within in rows})


def headlines(connection: Connection, site: str) -> list[str]:
    """The folded headlines of an outlet's articles, the newest first, HEADLINES at most."""
    return [headline for headline in connection.scalars(_HEADLINES, {"site": site}) if headline]


def forget(connection: Connection, before: datetime) -> int:
    """Forget the blocks, articles and outlets that were last seen before; how many blocks."""
    done = connection.execute(delete(BLOCKS).where(BLOCKS.c.seen < stamp(before)))
    for table in (REMEMBERED_ARTICLES, REMEMBERED_SITES):
        connection.execute(delete(table).where(table.c.seen < stamp(before)))
    return int(done.rowcount)


def _counted(connection: Connection, site: str, ids: Collection[str]) -> set[int]:
    """The keys of those of these articles that were counted."""
    return {
        key
        for batch in batches(iter({id_key(one) for one in ids}))
        for key in connection.scalars(_COUNTED, {"site": site, "articles": batch})
    }


def _article_rows(site: str, articles: Iterable[Carried], known: Collection[int], at: int) -> list[dict[str, Any]]:
    headlines = {id_key(one): article.headlines.get(one) for article in articles for one in article.ids}
    return [
        {"site": site, "article": key, "headline": headline, "seen": at}
        for key, headline in headlines.items()
        if key not in known
    ]


def _block_rows(site: str, articles: Iterable[Carried], at: int) -> list[dict[str, Any]]:
    """A row for each block, as if it had never been counted."""
    carried: Counter[int] = Counter()
    within: Counter[int] = Counter()
    for article in articles:
        carried.update(article.blocks.keys())
        within.update(block for block, times in article.blocks.items() if times > 1)
    return [
        {"site": site, "block": block, "articles": number, "within": within[block], "seen": at}
        for block, number in carried.items()
    ]


def _uncounted(connection: Connection, site: str, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the rows whose blocks were never counted; adds the others to what was."""
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
    connection.execute(delete(BLOCKS).where(BLOCKS.c.site == site, BLOCKS.c.articles < 2))
    halved = {"articles": BLOCKS.c.articles // 2, "within": BLOCKS.c.within // 2}
    connection.execute(update(BLOCKS).where(BLOCKS.c.site == site).values(**halved))
    connection.execute(update(REMEMBERED_SITES).where(REMEMBERED_SITES.c.site == site).values(articles=total // 2))
    return total // 2
