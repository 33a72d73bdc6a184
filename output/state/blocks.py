"""Site memory between runs: how many articles of an outlet carried each block.

Its size is bounded: when an outlet has WINDOW articles, all its counts are halved. Blocks that stood on one article are
forgotten by that, and what an outlet has stopped to print fades. What was not seen for long goes with `forget`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

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


def known_sites(connection: Connection, sites: Collection[str]) -> set[str]:
    """Those of these outlets of which anything is remembered."""
    site = REMEMBERED_SITES.c.site
    return {one for batch in batches(iter(sites)) for one in connection.scalars(select(site).where(site.in_(batch)))}


def add(connection: Connection, site: str, carried: Sequence[Carried], now: datetime) -> None:
    """Count articles of an outlet. One that was counted before, whatever its version, is not counted again."""
    total = connection.scalar(_TOTAL, {"site": site})
    is_new = total is None  # then there is nothing to look up
    ids = [id_key(one) for article in carried for one in article.ids]
    known = set() if is_new else _counted(connection, site, ids)
    new = [article for article in carried if not any(id_key(one) in known for one in article.ids)]
    at = stamp(now)
    rows = {
        id_key(one): {"site": site, "article": id_key(one), "headline": article.headlines.get(one), "seen": at}
        for article in carried
        for one in article.ids
        if id_key(one) not in known
    }
    for batch in batches(list(rows.values())):
        connection.execute(insert(REMEMBERED_ARTICLES), batch)
    articles: Counter[int] = Counter()
    within: Counter[int] = Counter()
    for article in new:
        articles.update(article.blocks.keys())
        within.update(block for block, times in article.blocks.items() if times > 1)
    _count_blocks(connection, site, articles, within, at, is_new=is_new)
    if total is None:
        total = len(new)
        connection.execute(insert(REMEMBERED_SITES), {"site": site, "articles": total, "seen": at})
    else:
        total += len(new)
        connection.execute(_COUNT_SITE, {"of_site": site, "total": total, "at": at})
    while total >= WINDOW:
        total = _halve(connection, site, total)


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


def _counted(connection: Connection, site: str, keys: Collection[int]) -> set[int]:
    return {
        key
        for batch in batches(iter(set(keys)))
        for key in connection.scalars(_COUNTED, {"site": site, "articles": batch})
    }


def _count_blocks(
    connection: Connection,
    site: str,
    articles: Mapping[int, int],
    within: Mapping[int, int],
    at: int,
    *,
    is_new: bool,
) -> None:
    for batch in batches(iter(articles)):
        known = set() if is_new else set(connection.scalars(_KNOWN_BLOCKS, {"site": site, "blocks": batch}))
        fresh = [_row(site, block, articles, within, at) for block in batch if block not in known]
        more: list[dict[str, Any]] = [
            {"of_site": site, "of_block": block, "more": articles[block], "more_within": within.get(block, 0), "at": at}
            for block in batch
            if block in known
        ]
        if fresh:
            connection.execute(insert(BLOCKS), fresh)
        if more:
            connection.execute(_COUNT_MORE, more)


def _row(site: str, block: int, articles: Mapping[int, int], within: Mapping[int, int], at: int) -> dict[str, Any]:
    return {"site": site, "block": block, "articles": articles[block], "within": within.get(block, 0), "seen": at}


def _halve(connection: Connection, site: str, total: int) -> int:
    connection.execute(delete(BLOCKS).where(BLOCKS.c.site == site, BLOCKS.c.articles < 2))
    halved = {"articles": BLOCKS.c.articles // 2, "within": BLOCKS.c.within // 2}
    connection.execute(update(BLOCKS).where(BLOCKS.c.site == site).values(**halved))
    connection.execute(update(REMEMBERED_SITES).where(REMEMBERED_SITES.c.site == site).values(articles=total // 2))
    return total // 2
