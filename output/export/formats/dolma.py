"""Export Dolma documents (github.com/allenai/dolma, docs/data-format.md): id, text, source, added, created, metadata.

`added` is when the page was fetched, and `created` when the article was published (midnight if only the date is known,
absent if it is unknown). `metadata` holds all other fields of the record that have a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from output.export.formats._base import json_lines
from output.records.timestamps import utc_or_midnight

if TYPE_CHECKING:
    from output.records.article import Article

_TOP_LEVEL = {"id", "text", "source", "fetched", "published"}


def _row(article: Article) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": article.id,
        "text": article.text,
        "source": article.source or "",
        "added": _timestamp(article.fetched),
    }
    if article.published:
        row["created"] = _timestamp(article.published)
    known = article.model_dump(mode="json", exclude=_TOP_LEVEL, exclude_none=True)
    row["metadata"] = {name: value for name, value in known.items() if value not in ([], {})}
    return row


def _timestamp(timestamp: str) -> str:
    return utc_or_midnight(timestamp).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


FORMAT = json_lines("id, text, source, added, created, metadata, as Dolma's tools read them", _row)
