"""Signatures of texts, stored by the bands through which near-duplicates meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Integer, Row, bindparam, delete, insert, select

from output.duplicates.minhash import bands
from output.state.database import BATCH, batches, replace_rows
from output.state.schema import from_microseconds, id_from_key, id_key, to_microseconds
from output.state.tables import BANDS_TABLE, SIGNATURES_TABLE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

# Asked for each page of a crawl: to put it together takes longer than to run it.
_SHARING = select(SIGNATURES_TABLE).where(
    SIGNATURES_TABLE.c.article.in_(
        select(BANDS_TABLE.c.article)
        .where(BANDS_TABLE.c.band.in_(bindparam("bands", expanding=True)))
        .distinct()
        .limit(bindparam("most", type_=Integer))
    )
)


@dataclass(frozen=True, slots=True)
class StoredSignature:
    """An article's signature: `hashes` are its MinHash values, as bytes."""

    article: str
    added: datetime
    hashes: bytes


def sharing_a_band(connection: Connection, found: Sequence[int], at_most: int) -> list[StoredSignature]:
    """The articles that have one of these bands, at most so many."""
    rows = connection.execute(_SHARING, {"bands": found, "most": at_most})
    return [StoredSignature(id_from_key(row.article), from_microseconds(row.added), row.hashes) for row in rows]


def store_signatures(connection: Connection, signed: Mapping[str, bytes], now: datetime) -> None:
    """Store the signatures of articles, by id, in place of those they had; `added` stays as it was."""
    keys = {id_key(article): hashes for article, hashes in signed.items()}
    before = _stored(connection, keys)
    _drop_bands(connection, before.values())
    at = to_microseconds(now)
    rows = [
        {"article": key, "added": before[key].added if key in before else at, "hashes": hashes}
        for key, hashes in keys.items()
    ]
    replace_rows(connection, SIGNATURES_TABLE, rows, "article")
    pairs = [{"band": band, "article": key} for key, hashes in keys.items() for band in set(bands(hashes))]
    for batch in batches(pairs):
        connection.execute(insert(BANDS_TABLE), batch)


def delete_old_signatures(connection: Connection, before: datetime) -> int:
    """Forget the signatures that are older; how many."""
    old = select(SIGNATURES_TABLE).where(SIGNATURES_TABLE.c.added < to_microseconds(before)).limit(BATCH)
    forgotten = 0
    while rows := connection.execute(old).all():
        _drop_bands(connection, rows)
        connection.execute(
            delete(SIGNATURES_TABLE).where(SIGNATURES_TABLE.c.article.in_([row.article for row in rows]))
        )
        forgotten += len(rows)
    return forgotten


def _drop_bands(connection: Connection, rows: Iterable[Row[Any]]) -> None:
    """Bands are found by band: an index by article would be as large as they are."""
    pairs = [{"of": row.article, "one": band} for row in rows for band in set(bands(row.hashes))]
    dropped = delete(BANDS_TABLE).where(
        BANDS_TABLE.c.band == bindparam("one"), BANDS_TABLE.c.article == bindparam("of")
    )
    for batch in batches(pairs):
        connection.execute(dropped, batch)


def _stored(connection: Connection, keys: Collection[int]) -> dict[int, Row[Any]]:
    found: dict[int, Row[Any]] = {}
    for batch in batches(iter(keys)):
        rows = connection.execute(select(SIGNATURES_TABLE).where(SIGNATURES_TABLE.c.article.in_(batch)))
        found.update((row.article, row) for row in rows)
    return found
