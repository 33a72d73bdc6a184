"""Export with the columns of cc_news on the Hugging Face hub. All are strings, empty if unknown.

`domain` is the URL's host. `date` is when the article was published, as `YYYY-MM-DD HH:MM:SS` in UTC (midnight if only
the date is known).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from output.export.formats._base import json_lines
from output.records.timestamps import utc_or_midnight

if TYPE_CHECKING:
    from output.records.article import Article


def _row(article: Article) -> dict[str, str]:
    return {
        "title": article.title or "",
        "text": article.text,
        "domain": _host(article.url) or article.source or "",
        "date": _date(article.published),
        "description": article.description or "",
        "url": article.url or "",
        "image_url": article.image or "",
    }


def _date(timestamp: str | None) -> str:
    if not timestamp:
        return ""
    return utc_or_midnight(timestamp).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None


FORMAT = json_lines("title, text, domain, date, description, url, image_url, as in cc_news", _row)
