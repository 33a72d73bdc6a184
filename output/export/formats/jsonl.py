"""Export the records themselves, one JSON object per line, as in output/records/article.schema.json."""

from __future__ import annotations

from output.export.formats._base import json_lines
from output.records.article import Article

FORMAT = json_lines("Winnow's own records, whole", lambda article: Article.model_dump(article, mode="json"))
