"""Define what a crawl of the newsroom must produce: from what the authors wrote, never from a cleaner's output."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any

from crawler.newsroom.fixture_site import HOME, HOST, PUBLISHER, Newsroom
from output.records.article import Article
from output.records.field_types import empty_values

if TYPE_CHECKING:
    from crawler.newsroom.story import Story, StoryBlock

CELL = " | "  # separates the cells of a table's row
STRUCTURED = {
    "metro",
    "kreis",
    "portal",
    "shell",
}  # layouts with JSON-LD; the others do not say whether a story is live
HEADLESS = {"classic"}  # layouts without a picture in the head
_OF_THE_RUN = ("language_score", "removed")


def expected_articles(newsroom: Newsroom | None = None) -> dict[str, dict[str, Any]]:
    """Return by canonical URL the record of the first crawl, without `fetched`, `run`, `language_score` and `removed`."""
    newsroom = newsroom or Newsroom()
    return {HOME + story.url: _record(story) for story in newsroom.stories if not story.reject}


def rendered_articles(newsroom: Newsroom | None = None) -> dict[str, dict[str, Any]]:
    """Return by canonical URL the record of each story that a script builds, for a crawl that runs scripts."""
    return {HOME + story.url: _record(story) for story in (newsroom or Newsroom()).scripted}


def expected_rejects(newsroom: Newsroom | None = None) -> dict[str, str]:
    """Return by URL the reason for which a crawl without scripts must reject it."""
    newsroom = newsroom or Newsroom()
    stories = {HOME + story.url: story.reject for story in newsroom.stories if story.reject}
    return stories | {HOME + fixture.path: fixture.reject for fixture in newsroom.fixtures if fixture.reject}


def expected_copies(newsroom: Newsroom | None = None) -> dict[str, str]:
    """Return the canonical URL of each AMP page, print version, second URL and old URL."""
    newsroom = newsroom or Newsroom()
    copies: dict[str, str] = {}
    for story in newsroom.stories:
        copies |= {HOME + other: HOME + story.url for other in (*story.moved_from, *story.other_addresses)}
    return copies


def article_pages(newsroom: Newsroom | None = None) -> dict[str, tuple[str, ...]]:
    """Return by canonical URL the paths for `Newsroom.respond`, one for each page of the article, in order."""
    newsroom = newsroom or Newsroom()
    return {
        HOME + story.url: (story.url, *(f"{story.url}?page={n}" for n in range(2, len(story.pages) + 1)))
        for story in newsroom.stories
    }


def story_text(story: Story) -> str:
    """Return the record's text: blocks separated by an empty line, list items by a newline, each with a bullet."""
    parts = [story.standfirst] if story.standfirst else []
    if story.key_points:
        parts.append(_bullets(story.key_points))
    parts += [block_text(block) for page in story.pages for block in page]
    return "\n\n".join(parts)


def block_text(block: StoryBlock) -> str:
    """Return one block of a story as the record has it."""
    if block.kind in ("list", "numbers"):
        return _bullets(tuple(line.text for line in block.lines))
    if block.kind == "table":
        return "\n".join(CELL.join(cell.text for cell in row) for row in block.rows)
    return "\n\n".join(line.text for line in block.lines)


def _bullets(items: tuple[str, ...]) -> str:
    return "\n".join(f"• {item}" for item in items)


def _record(story: Story) -> dict[str, Any]:
    url = HOME + story.url
    text = story_text(story)
    empty = {name: value for name, value in empty_values(Article).items() if name not in _OF_THE_RUN}
    return empty | {
        "id": _hash(url, 8),
        "text": text,
        "url": url,
        "canonical_url": url,
        "requested_url": HOME
        + (*story.moved_from, story.url)[0],  # the feeds still give an old address where there is one
        "source": HOST,
        "source_name": PUBLISHER,
        "title": story.title,
        "description": story.description or story.standfirst,
        "authors": list(story.authors),
        "published": _rfc3339(story.published),
        "modified": _rfc3339(story.modified) if story.modified else None,
        "section": story.section,
        "tags": list(story.tags),
        "image": HOME + story.pictures[0].src if story.pictures and story.layout not in HEADLESS else None,
        "language": story.language,
        "free": story.free,
        "live": story.live if story.layout in STRUCTURED else None,
        "revision": 1,
        "content_hash": _hash(text, 16),
        "schema_version": "1.0",
    }


def _hash(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


def _rfc3339(when: dt.datetime | dt.date) -> str:
    """Format as RFC 3339. A time without an offset becomes a date, because its time zone is unknown."""
    if isinstance(when, dt.datetime) and when.tzinfo is None:
        return when.date().isoformat()
    return when.isoformat()
