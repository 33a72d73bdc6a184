"""C4, as allenai/c4 has it: text, timestamp (when the page was read), url; all strings, empty where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from output.export.formats._base import json_lines
from output.records.timestamps import utc_or_midnight

if TYPE_CHECKING:
    from output.records.article import Article


def _row(article: Article) -> dict[str, str]:
    read = utc_or_midnight(article.fetched).replace(tzinfo=None).isoformat(timespec="seconds")
    return {"text": article.text, "timestamp": f"{read}Z", "url": article.url or ""}


FORMAT = json_lines("text, timestamp, url, as in C4", _row)
