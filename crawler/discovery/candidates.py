"""What discovery finds: an article's URL, and what its source said of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A URL that may be an article.

    `url` is cleaned (`urls.clean_url`). `published` always has a time zone. `feed_html` is the full text that the feed
    carried. `source_url` names the feed, sitemap or page that it was found in.
    """

    url: str
    title: str | None = None
    published: datetime | None = None
    feed_html: str | None = None
    source_url: str = ""
