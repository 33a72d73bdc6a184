"""Define what a format is: how it opens a sink for articles on a file or folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Protocol

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from output.records.article import Article


class FormatError(Exception):
    """A format does not exist or cannot be used here. The message is one line."""


class Sink(Protocol):
    """Take articles, one at a time, in bounded memory."""

    def write(self, article: Article) -> None:
        """Append one article. Raises OSError."""

    def close(self) -> None:
        """Write what remains. The file or folder itself stays open, as it belongs to the caller."""


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """Describe a format that is a single file. `summary` is a line for `--help`.

    A `plain` format is written from start to end without seeking, so it can be compressed as a whole and go to stdout.
    """

    summary: str
    open: Callable[[IO[bytes]], Sink]
    plain: bool = True


@dataclass(frozen=True, slots=True)
class FolderFormat:
    """Describe a format that is a folder. `owns` tells whether the format writes files of a given name."""

    summary: str
    open: Callable[[Path], Sink]
    owns: Callable[[str], bool]


Format = StreamFormat | FolderFormat


def json_lines(summary: str, row: Callable[[Article], Mapping[str, Any]]) -> StreamFormat:
    """Make a format of one JSON object per line, in UTF-8, which `row` makes from an article."""
    return StreamFormat(summary, lambda file: _JsonLines(file, row))


class _JsonLines:
    def __init__(self, file: IO[bytes], row: Callable[[Article], Mapping[str, Any]]):
        self._file = file
        self._row = row

    def write(self, article: Article) -> None:
        self._file.write(orjson.dumps(self._row(article), option=orjson.OPT_APPEND_NEWLINE))

    def close(self) -> None:
        pass
