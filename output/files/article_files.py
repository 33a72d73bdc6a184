"""Read articles back from files of records, one line at a time, skipping broken lines with a warning."""

from __future__ import annotations

import gzip
import zlib
from contextlib import closing
from typing import IO, TYPE_CHECKING, Any, get_origin

from pydantic import ConfigDict, ValidationError, create_model

from output.records.article import Article
from output.storage.regular_file import check_regular
from output.storage.zstd import ZstdError, open_zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

LONGEST_LINE = 64 * 1024 * 1024  # bytes; a page has at most 10 MiB, and a record is smaller than its page
# The fields every record has. Other versions of Winnow may lack any of the rest, or have more.
_REQUIRED = {"id", "text", "content_hash", "fetched", "run"}


def article_files(data_dir: Path) -> list[Path]:
    """Return the finished article files under DATA_DIR, oldest first."""
    return sorted(path for path in data_dir.glob("articles/*/*.jsonl") if not path.name.startswith("."))


def read_articles(paths: Sequence[Path], warn: Callable[[str], None]) -> Iterator[tuple[int, Article]]:
    """Yield each article with its position: its line number, counted over all files.

    Files ending in .gz or .zst are decompressed. `warn` receives one line for each line or file that cannot be read.
    """
    position = 0
    for path in paths:
        for number, line in _lines(path, warn):
            position += 1
            if isinstance(line, str):
                warn(f"{path}, line {number}: {line}")
            elif not line.isspace():
                try:
                    yield position, _Stored.model_validate_json(line)
                except ValidationError as error:
                    warn(f"{path}, line {number}: not an article's record: {_first_error(error)}")


def _lines(path: Path, warn: Callable[[str], None]) -> Iterator[tuple[int, bytes | str]]:
    """Yield the numbered lines of a file; an overlong line is replaced by an error message."""
    number = 0
    try:
        with closing(_open(path)) as file:
            while line := file.readline(LONGEST_LINE):
                number += 1
                if len(line) < LONGEST_LINE or line.endswith(b"\n"):
                    yield number, line
                    continue
                while line and not line.endswith(b"\n"):
                    line = file.readline(LONGEST_LINE)
                yield number, f"longer than {LONGEST_LINE:,} bytes"
    except (OSError, EOFError, zlib.error, ZstdError) as error:
        why = getattr(error, "strerror", None) or error
        warn(f"{path}: {why}" if not number else f"{path}, line {number + 1}: cannot be read further ({why})")


def _open(path: Path) -> IO[bytes] | gzip.GzipFile:
    check_regular(path)
    match path.suffix.lower():
        case ".gz":
            return gzip.open(path, "rb")
        case ".zst":
            return open_zstd(path, "rb")
    return path.open("rb")


def _first_error(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return " ".join(f"{where}: {first['msg']}".removeprefix(": ").split())[:200]


class _AnyVersion(Article):
    model_config = ConfigDict(extra="ignore")


def _stored() -> type[Article]:
    empty: dict[Any, Any] = {list: [], dict: {}}
    optional: dict[str, Any] = {
        name: (field.annotation, empty.get(get_origin(field.annotation)))
        for name, field in Article.model_fields.items()
        if field.is_required() and name not in _REQUIRED
    }
    return create_model("_Stored", __base__=_AnyVersion, **optional)


_Stored = _stored()
