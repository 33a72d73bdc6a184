"""CSV by RFC 4180, UTF-8, with a line of names: every field of the record, for spreadsheets and data frames.

What is not known is an empty cell; lists and objects are JSON. Two things are not to the letter, for the sake of whoever
opens the file: a cell that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV Injection), and
U+0000, which many readers take for the file's end, is U+FFFD. Where every character counts, jsonl and parquet have them.
"""

from __future__ import annotations

import csv
import io
from typing import IO, Any

import orjson

from output.export.formats._base import StreamFormat
from output.records.article import Article

# What a formula begins with, also in full width, and the control characters that some spreadsheets skip before it.
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
