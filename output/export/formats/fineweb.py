"""Export FineWeb's columns, as datatrove reads and writes them: text, id, dump, url, date, language, language_score.

As in FineWeb, `date` is when the page was fetched; `dump` is the run that fetched it. FineWeb's file_path and
token_count are left out: there is no archive file, and counting tokens takes a tokenizer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from output.export.formats._base import json_lines
from output.records.timestamps import utc_or_midnight

if TYPE_CHECKING:
    from output.records.article import Article


def _row(article: Article) -> dict[str, str | float | None]:
    fetched = utc_or_midnight(article.fetched).replace(tzinfo=None).isoformat(timespec="seconds")
    return {
        "text": article.text,
        "id": article.id,
        "dump": article.run,
        "url": article.url or "",
        "date": f"{fetched}Z",
        "language": article.language,
        "language_score": article.language_score,
    }


FORMAT = json_lines("text, id, dump, url, date, language, language_score, for datatrove", _row)
