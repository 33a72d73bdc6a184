"""Export every field as Parquet: typed, compressed, in row groups of bounded size.

`published`, `modified` and `fetched` are timestamps in UTC, null if only the date is known. `published_day` and
`modified_day` always hold the date, in the publisher's own time zone. `removed` is a map, `rights` is JSON.
"""

from __future__ import annotations

from typing import IO, Any, get_args, get_origin

import orjson

from output.export.formats._base import FormatError, StreamFormat
from output.records.article import Article, Timestamp, UtcTimestamp
from output.records.field_types import plain_type, value_types
from output.records.timestamps import day_of, utc_of

ROWS = 10_000  # at most, in one row group
CHARACTERS = 8 * 1024 * 1024  # of all texts in one row group, which may exceed it by one article
_TYPES = value_types(Article)
_TIMES = tuple(name for name, kind in _TYPES.items() if kind in (Timestamp, UtcTimestamp))
_DAYS = tuple(name for name, kind in _TYPES.items() if kind == Timestamp)
_OBJECTS = tuple(name for name, kind in _TYPES.items() if get_origin(kind) is dict)
_COUNTS = tuple(name for name in _OBJECTS if plain_type(get_args(_TYPES[name])[1]) is int)


class _Parquet:
    def __init__(self, file: IO[bytes]):
        try:
            import pyarrow as pa  # type: ignore[import-untyped,import-not-found,unused-ignore]
            from pyarrow import parquet
        except ModuleNotFoundError:
            raise FormatError(
                "parquet needs pyarrow, which is not installed: pip install 'winnow-news[parquet]'"
            ) from None
        self._table = pa.Table.from_pylist
        self._schema = _schema(pa)
        self._writer = parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []
        self._characters = 0

    def write(self, article: Article) -> None:
        self._rows.append(_row(article))
        self._characters += len(article.text)
        if len(self._rows) >= ROWS or self._characters >= CHARACTERS:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(self._table(self._rows, schema=self._schema))
            self._rows, self._characters = [], 0


def _row(article: Article) -> dict[str, Any]:
    row = article.model_dump(mode="json")
    for name in _TIMES:
        if timestamp := row[name]:
            row[name] = utc_of(timestamp)
            row[f"{name}_day"] = day_of(timestamp)
    for name in _OBJECTS:
        row[name] = list(row[name].items()) if name in _COUNTS else orjson.dumps(row[name]).decode()
    return row


def _schema(pa: Any) -> Any:
    columns: list[tuple[str, Any]] = []
    for name, kind in _TYPES.items():
        columns.append((name, _column(pa, name, kind)))
        if name in _DAYS:
            columns.append((f"{name}_day", pa.date32()))
    return pa.schema(columns)


def _column(pa: Any, name: str, kind: Any) -> Any:
    if name in _TIMES:
        return pa.timestamp("us", tz="UTC")
    if name in _COUNTS:
        return pa.map_(pa.string(), pa.int32())
    if get_origin(kind) is list:
        return pa.list_(pa.string())
    plain = {bool: pa.bool_(), float: pa.float64(), int: pa.int32()}
    return plain.get(plain_type(kind), pa.string())


FORMAT = StreamFormat("every field, typed, for DuckDB, pandas and the like; needs pyarrow", _Parquet, plain=False)
