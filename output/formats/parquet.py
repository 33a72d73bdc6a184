"""Parquet, typed: every field of the record, compressed within, in row groups of bounded size.

`published`, `modified` and `fetched` are timestamps in UTC, null where only the day is known; `published_day` and
`modified_day` hold the day, as the outlet has it, in any case. `removed` is a map, `rights` is JSON.
"""

from __future__ import annotations

from typing import IO, Any

import orjson

from output.article import Article
from output.formats._base import FormatError, StreamFormat
from output.moments import day_of, utc_of

ROWS = 10_000  # of one row group, at most
CHARACTERS = 8 * 1024 * 1024  # of all texts in one row group, or one article more
_TIMES = ("published", "modified", "fetched")
_LISTS = ("authors", "tags")


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
        if moment := row[name]:
            row[name] = utc_of(moment)
            row[f"{name}_day"] = day_of(moment)
    row["rights"] = orjson.dumps(row["rights"]).decode()
    row["removed"] = list(row["removed"].items())
    return row


def _schema(pa: Any) -> Any:
    others = {
        **dict.fromkeys(_TIMES, pa.timestamp("us", tz="UTC")),
        **dict.fromkeys(_LISTS, pa.list_(pa.string())),
        **dict.fromkeys(("free", "live"), pa.bool_()),
        **dict.fromkeys(("language_score", "similarity"), pa.float64()),
        "revision": pa.int32(),
        "removed": pa.map_(pa.string(), pa.int32()),
    }
    columns: list[tuple[str, Any]] = []
    for name in Article.model_fields:
        columns.append((name, others.get(name, pa.string())))
        if name in ("published", "modified"):
            columns.append((f"{name}_day", pa.date32()))
    return pa.schema(columns)


FORMAT = StreamFormat("every field, typed, for DuckDB, pandas and the like; needs pyarrow", _Parquet, plain=False)
