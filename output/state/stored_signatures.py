"""Store MinHash signatures of texts, indexed by the bands that near-duplicates share."""

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

# Built once, since each page needs it, and building it takes longer than running it.
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
    """Hold an article's signature. `hashes` are its MinHash values, as bytes."""

    article: str
    added: datetime
    hashes: bytes


def sharing_a_band(connection: Connection, found: Sequence[int], at_most: int) -> list[StoredSignature]:
    """Return the articles that share one of these bands, `at_most` of them."""
    rows = connection.execute(_SHARING, {"bands": found, "most": at_most})
    return [StoredSignature(id_from_key(row.article), from_microseconds(row.added), row.hashes) for row in rows]


def store_signatures(connection: Connection, signed: Mapping[str, bytes], now: datetime) -> None:
    """Store signatures by article id, replacing earlier ones but keeping their `added` time."""
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
    """Delete signatures added before a time, and return how many."""
    old = select(SIGNATURES_TABLE).where(SIGNATURES_TABLE.c.added < to_microseconds(before)).limit(BATCH)
    deleted = 0
    while rows := connection.execute(old).all():
        _drop_bands(connection, rows)
        connection.execute(
            delete(SIGNATURES_TABLE).where(SIGNATURES_TABLE.c.article.in_([row.article for row in rows]))
        )
        deleted += len(rows)
    return deleted


def _drop_bands(connection: Connection, rows: Iterable[Row[Any]]) -> None:
    """Delete the bands of these signatures, by band: an index by article would be as large as the table."""
    pairs = [{"of": row.article, "one": band} for row in rows for band in set(bands(row.hashes))]
    statement = delete(BANDS_TABLE).where(
        BANDS_TABLE.c.band == bindparam("one"), BANDS_TABLE.c.article == bindparam("of")
    )
    for batch in batches(pairs):
        connection.execute(statement, batch)


def _stored(connection: Connection, keys: Collection[int]) -> dict[int, Row[Any]]:
    found: dict[int, Row[Any]] = {}
    for batch in batches(iter(keys)):
        rows = connection.execute(select(SIGNATURES_TABLE).where(SIGNATURES_TABLE.c.article.in_(batch)))
        found.update((row.article, row) for row in rows)
    return found
