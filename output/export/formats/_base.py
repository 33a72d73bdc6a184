"""What a format is: how a sink for articles is opened on a file or a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Protocol

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from output.records.article import Article


class FormatError(Exception):
    """A format that does not exist or cannot be used here. The message is one line."""


class Sink(Protocol):
    """Takes articles, one at a time, in bounded memory."""

    def write(self, article: Article) -> None:
        """Append one article. Raises OSError."""

    def close(self) -> None:
        """Write what comes last. The file or folder itself stays open: it is the caller's."""


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """A format of one file. `summary` is a line for people.

    `plain`: written from start to end without looking back, so that it can be compressed as a whole and go to stdout.
    """

    summary: str
    open: Callable[[IO[bytes]], Sink]
    plain: bool = True


@dataclass(frozen=True, slots=True)
class FolderFormat:
    """A format of a folder. `owns` says of a file's name whether it is one that the format writes."""

    summary: str
    open: Callable[[Path], Sink]
    owns: Callable[[str], bool]


Format = StreamFormat | FolderFormat


def json_lines(summary: str, row: Callable[[Article], Mapping[str, Any]]) -> StreamFormat:
    """A format of one JSON object a line, UTF-8, which `row` makes of an article."""
    return StreamFormat(summary, lambda file: _JsonLines(file, row))


class _JsonLines:
    def __init__(self, file: IO[bytes], row: Callable[[Article], Mapping[str, Any]]):
        self._file = file
        self._row = row

    def write(self, article: Article) -> None:
        self._file.write(orjson.dumps(self._row(article), option=orjson.OPT_APPEND_NEWLINE))

    def close(self) -> None:
        pass
