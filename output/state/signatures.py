"""Signatures of texts, stored by the bands through which near-duplicates meet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, delete, insert, select

from output.minhash import bands
from output.state.database import BATCH, batches, replace_rows
from output.state.schema import id_key, id_of, moment, stamp
from output.state.tables import BANDS, SIGNATURES

# Asked for each page of a crawl: to put it together takes longer than to run it.
_SHARING = select(SIGNATURES).where(
    SIGNATURES.c.article.in_(
        select(BANDS.c.article)
        .where(BANDS.c.band.in_(bindparam("bands", expanding=True)))
        .distinct()
        .limit(bindparam("most", type_=Integer))
    )
)


@dataclass(frozen=True, slots=True)
class Signed:
    """An article's signature: `hashes` are its MinHash values, as bytes."""

    article: str
    added: datetime
    hashes: bytes


def sharing_a_band(connection: Connection, found: Sequence[int], at_most: int) -> list[Signed]:
    """The articles that have one of these bands, at most so many."""
    rows = connection.execute(_SHARING, {"bands": found, "most": at_most})
    return [Signed(id_of(row.article), moment(row.added), row.hashes) for row in rows]


def store(connection: Connection, signed: Mapping[str, bytes], now: datetime) -> None:
    """Store the signatures of articles, by id, in place of those they had; `added` stays as it was."""
    keys = {id_key(article): hashes for article, hashes in signed.items()}
    before = _stored(connection, keys)
    _drop_bands(connection, before.values())
    at = stamp(now)
    rows = [
        {"article": key, "added": before[key].added if key in before else at, "hashes": hashes}
        for key, hashes in keys.items()
    ]
    replace_rows(connection, SIGNATURES, rows, "article")
    pairs = [{"band": band, "article": key} for key, hashes in keys.items() for band in set(bands(hashes))]
    for batch in batches(pairs):
        connection.execute(insert(BANDS), batch)


def forget(connection: Connection, before: datetime) -> int:
    """Forget the signatures that are older; how many."""
    old = select(SIGNATURES).where(SIGNATURES.c.added < stamp(before)).limit(BATCH)
    forgotten = 0
    while rows := connection.execute(old).all():
        _drop_bands(connection, rows)
        connection.execute(delete(SIGNATURES).where(SIGNATURES.c.article.in_([row.article for row in rows])))
        forgotten += len(rows)
    return forgotten


def _drop_bands(connection: Connection, rows: Iterable[Row[Any]]) -> None:
    """Bands are found by band: an index by article would be as large as they are."""
    pairs = [{"of": row.article, "one": band} for row in rows for band in set(bands(row.hashes))]
    dropped = delete(BANDS).where(BANDS.c.band == bindparam("one"), BANDS.c.article == bindparam("of"))
    for batch in batches(pairs):
        connection.execute(dropped, batch)


def _stored(connection: Connection, keys: Collection[int]) -> dict[int, Row[Any]]:
    found: dict[int, Row[Any]] = {}
    for batch in batches(iter(keys)):
        rows = connection.execute(select(SIGNATURES).where(SIGNATURES.c.article.in_(batch)))
        found.update((row.article, row) for row in rows)
    return found
