"""Export every field as CSV (RFC 4180, UTF-8, with a header line), for spreadsheets and data frames.

Unknown values are empty cells; lists and objects are JSON. Two changes protect those who open the file: a cell that a
spreadsheet would take for a formula gets a leading apostrophe (OWASP, CSV Injection), and U+0000, at which many readers
stop, becomes U+FFFD. If every character counts, use jsonl or parquet.
"""

from __future__ import annotations

import csv
import io
from typing import IO, Any

import orjson

from output.export.formats._base import StreamFormat
from output.records.article import Article

# First characters of a formula, also in full width, and control characters that some spreadsheets skip before it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class _Csv:
    def __init__(self, file: IO[bytes]):
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        self._writer = csv.writer(self._text)
        self._writer.writerow(Article.model_fields)

    def write(self, article: Article) -> None:
        self._writer.writerow(map(_cell, article.model_dump(mode="json").values()))

    def close(self) -> None:
        self._text.flush()
        self._text.detach()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            text = value.replace("\0", "\ufffd")
            return f"'{text}" if text.startswith(_FORMULA) else text
        case list() | dict():
            return orjson.dumps(value).decode()
    return str(value)


FORMAT = StreamFormat("every field, for spreadsheets; formulas are made harmless", _Csv)
