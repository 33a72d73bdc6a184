"""Export as C4 (allenai/c4): text, timestamp (when the page was fetched), url. All are strings, empty if unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from output.export.formats._base import json_lines
from output.records.timestamps import utc_or_midnight

if TYPE_CHECKING:
    from output.records.article import Article


def _row(article: Article) -> dict[str, str]:
    fetched = utc_or_midnight(article.fetched).replace(tzinfo=None).isoformat(timespec="seconds")
    return {"text": article.text, "timestamp": f"{fetched}Z", "url": article.url or ""}


FORMAT = json_lines("text, timestamp, url, as in C4", _row)
