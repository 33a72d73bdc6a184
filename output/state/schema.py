"""Define what all tables of the state share: the metadata, and how keys and times are stored.

    keys    64-bit signed integers: for a URL, a hash of its comparison key; for an article, its id as a number
    times   microseconds since 1970, UTC: fine enough to keep the order of URLs from one source

`output.state.tables` defines the tables, and `output.state.migrations` migrates older databases.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from sqlalchemy import BigInteger, ColumnElement, Connection, Index, MetaData, Table, event
from sqlalchemy.types import Integer

METADATA = MetaData()
# SQLite's rowid must be declared INTEGER; other databases need BIGINT for 64 bits.
KeyColumn = BigInteger().with_variant(Integer(), "sqlite")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def make_partial(index: Index, rows: ColumnElement[bool]) -> None:
    """Restrict an index to some rows, in databases that support partial indexes.

    The condition is set when the table is created. `Index` takes it as an argument per database, but then imports the
    drivers of all of them.
    """

    def set_condition(_table: Table, connection: Connection, **_options: object) -> None:
        if connection.dialect.name in ("sqlite", "postgresql"):
            index.dialect_options[connection.dialect.name]["where"] = rows

    event.listen(index.table, "before_create", set_condition)


def url_key(comparison_key: str) -> int:
    """Return the key of a URL, given its comparison key (without scheme, `www.` and the like)."""
    digest = blake2b(comparison_key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def id_key(article_id: str) -> int:
    """Return the key of an article, given its id of 16 hex digits."""
    return int.from_bytes(bytes.fromhex(article_id), "big", signed=True)


def id_from_key(key: int) -> str:
    """Return an article's id of 16 hex digits, given its key."""
    return key.to_bytes(8, "big", signed=True).hex()


def to_microseconds(when: datetime) -> int:
    """Return a time as stored: microseconds since 1970. A time without a time zone counts as UTC."""
    return ((when if when.tzinfo else when.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND


def from_microseconds(stored: int) -> datetime:
    """Return a stored time in UTC."""
    return _EPOCH + stored * _MICROSECOND
