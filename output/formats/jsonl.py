"""The records themselves, one JSON object a line, as output/article.schema.json says."""

from __future__ import annotations

from output.article import Article
from output.formats._base import json_lines

FORMAT = json_lines("Winnow's own records, whole", lambda article: Article.model_dump(article, mode="json"))
