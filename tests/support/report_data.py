"""Create folders as crawls leave them, for tests of the report: records, runs, alarms and archived pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from cleaners.page import Page
from crawler.archive.archive_writer import ArchiveWriter
from crawler.archive.capture import Capture
from crawler.archive.payload_index import PayloadIndex
from crawler.items import FetchedPage
from output.files.record_file import record_path
from output.records.article import Article, Reject, content_hash
from output.runs.run_log import run_start

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def article(number: int, run: str, source: str = "one.example", **fields: Any) -> dict[str, Any]:
    """Return a valid article record."""
    text = fields.get("text", f"The council met on day {number} and agreed on its budget. " * 6)
    record: dict[str, Any] = dict.fromkeys(Article.model_fields) | {
        "id": f"{number:016x}", "text": text, "url": f"https://{source}/{number}", "source": source,
        "title": f"Story {number}", "authors": ["Ida Berg"], "published": "2026-03-01", "tags": [], "rights": {},
        "revision": 1, "content_hash": content_hash(text), "run": run, "removed": {"headline": 1},
        "fetched": run_start(run).strftime("%Y-%m-%dT%H:%M:%SZ"), "schema_version": "1.0",
    }  # fmt: skip
    return Article.model_validate(record | fields).model_dump(mode="json")


def reject(number: int, run: str, source: str = "one.example", **fields: Any) -> dict[str, Any]:
    """Return a valid reject record."""
    record = {
        "id": f"{number:016x}", "url": f"https://{source}/{number}", "source": source, "reason": "not_article",
        "detail": "a list of links", "status": 200, "run": run,
        "fetched": run_start(run).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip
    return Reject.model_validate(record | fields).model_dump(mode="json")


def write_run(
    data: Path,
    run: str,
    articles: Sequence[Mapping[str, Any]] = (),
    rejects: Sequence[Mapping[str, Any]] = (),
    **fields: Any,
) -> None:
    """Write the files of a run, and its line."""
    for path, records in (
        (record_path(data, "articles", run), articles),
        (record_path(data, "rejects", run), rejects),
    ):
        if records:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    start = run_start(run).strftime("%Y-%m-%dT%H:%M:%SZ")
    line = {
        "run": run, "start": start, "end": start, "outcome": "finished", "exit_code": 0, "reason": "finished",
        "spider": "news", "arguments": {}, "articles": len(articles), "sites": {}, "rejects": {}, "removed": {},
        "files": [], "alarms": [], "hosts": {},
    }  # fmt: skip
    data.mkdir(parents=True, exist_ok=True)
    with (data / "runs.jsonl").open("ab") as file:
        file.write(orjson.dumps(line | fields) + b"\n")


def archive(data: Path, run: str, pages: Mapping[str, tuple[str, bytes]]) -> None:
    """Archive pages as a crawl does. `pages` maps URLs to (site, HTML)."""
    writer = ArchiveWriter(data, run, 10**9, "test", PayloadIndex(data, datetime.now(UTC)))
    for url, (site, html) in pages.items():
        writer.write(Capture(run, FetchedPage(Page(url, html, {}, run_start(run)), url, site)))
    writer.finish()
