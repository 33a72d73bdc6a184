"""What every table of the state shares: one metadata, and the forms in which keys and moments are stored.

    keys      64-bit signed integers: a URL's is made of its comparison key, an article's is its id read as a number
    moments   microseconds since 1970, UTC, so that what one source listed keeps its order

Each table stands in a module of its own under `output.state.tables`; `output.state.migrations` brings an older
database up to date.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from sqlalchemy import BigInteger, ColumnElement, Connection, Index, MetaData, Table, event
from sqlalchemy.types import Integer

METADATA = MetaData()
# SQLite's own row number is an INTEGER and nothing else; elsewhere 64 bits have a name.
KeyColumn = BigInteger().with_variant(Integer(), "sqlite")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def make_partial(index: Index, rows: ColumnElement[bool]) -> None:
    """Have an index leave out all other rows, in databases that can. It is told when its table is made: `Index` itself
    takes it for each database by name, and imports all their drivers.
    """

    def tell(_table: Table, connection: Connection, **_options: object) -> None:
        if connection.dialect.name in ("sqlite", "postgresql"):
            index.dialect_options[connection.dialect.name]["where"] = rows

    event.listen(index.table, "before_create", tell)


def url_key(comparison_key: str) -> int:
    """The key of a URL, from the form in which URLs are compared (without scheme, `www.` and the like)."""
    digest = blake2b(comparison_key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def id_key(article_id: str) -> int:
    """The key of an article, from its id of 16 hex digits."""
    return int.from_bytes(bytes.fromhex(article_id), "big", signed=True)


def id_from_key(key: int) -> str:
    """The id of 16 hex digits that an article's key stands for."""
    return key.to_bytes(8, "big", signed=True).hex()


def to_microseconds(moment: datetime) -> int:
    """A moment as it is stored. A moment without a time zone counts as UTC."""
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND


def from_microseconds(stored: int) -> datetime:
    """The moment, in UTC, that was stored."""
    return _EPOCH + stored * _MICROSECOND
