"""Dolma documents (github.com/allenai/dolma, docs/data-format.md): id, text, source, added, created, metadata.

`added` is when the page was read, `created` when the article was published (the first instant of a day that is known
without its hour; absent where no date is known). `metadata` holds all else of the record that has a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from output.export.formats._base import json_lines
from output.records.timestamps import utc_or_midnight

if TYPE_CHECKING:
    from output.records.article import Article

_ELSEWHERE = {"id", "text", "source", "fetched", "published"}


def _row(article: Article) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": article.id,
        "text": article.text,
        "source": article.source or "",
        "added": _stamp(article.fetched),
    }
    if article.published:
        row["created"] = _stamp(article.published)
    known = article.model_dump(mode="json", exclude=_ELSEWHERE, exclude_none=True)
    row["metadata"] = {name: value for name, value in known.items() if value not in ([], {})}
    return row


def _stamp(moment: str) -> str:
    return utc_or_midnight(moment).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


FORMAT = json_lines("id, text, source, added, created, metadata, as Dolma's tools read them", _row)
