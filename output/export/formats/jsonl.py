"""The records themselves, one JSON object a line, as output/records/article.schema.json says."""

from __future__ import annotations

from output.export.formats._base import json_lines
from output.records.article import Article

FORMAT = json_lines("Winnow's own records, whole", lambda article: Article.model_dump(article, mode="json"))
