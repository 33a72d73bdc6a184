"""Read what a run wrote of its pages when it fetched them."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson

from output.files.record_file import read_records, record_path
from output.records.article import Reject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from output.runs.run_log import FinishedFile


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """Hold what does not depend on cleaning in an article's record, and a digest of all of it."""

    id: str
    settled: Mapping[str, Any]
    digest: bytes


@dataclass(frozen=True, slots=True)
class StoredRun:
    """Hold the records of one run: articles by the requested URL, rejects by the page's URL.

    `complete`: a URL without a line here had no record; otherwise some of the run's files are gone.
    """

    articles: Mapping[str, StoredArticle] = field(default_factory=dict)
    rejects: Mapping[str, Reject] = field(default_factory=dict)
    complete: bool = False


_SETTLED = ("revision", "previous_hash", "duplicate_of", "similarity")


def read_stored_run(data_dir: Path, run: str, files: Sequence[FinishedFile] | None) -> StoredRun:
    """Read the stored records of a run. `files` are those that runs.jsonl lists for it; None where it has no line of the run.

    Raises OSError, and ValueError where a line is not a record.
    """
    articles: dict[str, StoredArticle] = {}
    path = record_path(data_dir, "articles", run)
    for record in read_records(path) if path.exists() else ():
        settled = {name: record.get(name) for name in _SETTLED}
        articles[record["requested_url"] or ""] = StoredArticle(record["id"], settled, record_digest(record))
    rejects: dict[str, Reject] = {}
    path = record_path(data_dir, "rejects", run)
    for record in read_records(path) if path.exists() else ():
        rejects[record["url"] or ""] = Reject.model_validate(record)
    complete = files is not None and all((data_dir / file.path).exists() for file in files)
    return StoredRun(articles, rejects, complete)


def record_digest(record: Mapping[str, Any]) -> bytes:
    """Hash a record, so that records that differ in any field differ."""
    return blake2b(orjson.dumps(record, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
