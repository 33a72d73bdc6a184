"""Test the cleaners on every page of the newsroom against its gold, one test per page and field."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from cleaners import Document, Page, clean_page
from crawler.newsroom import gold
from crawler.newsroom.fixture_site import HOME, Newsroom
from crawler.pipelines.document_record import RecordOrigin, to_record
from output.records.article import Reject

NEWSROOM = Newsroom()
STORIES = {story.slug: HOME + story.url for story in NEWSROOM.stories}
GOLD = gold.expected_articles(NEWSROOM)
FIELDS = (
    "text", "title", "description", "authors", "published", "modified", "section", "tags", "image", "canonical_url",
    "source_name", "language", "free", "live",
)  # fmt: skip
NO_ARTICLES = {
    url: reason
    for url, reason in gold.expected_rejects(NEWSROOM).items()
    if reason in {"paywall", "consent_wall", "video_only", "error_page", "too_short", "not_article"}
}
FETCHED = datetime(2024, 10, 25, 6, 0, tzinfo=UTC)


def page_of(*paths: str) -> Page:
    """Return a page as the spider passes it on: the first, with its following pages."""
    first, *more = (NEWSROOM.respond(path) for path in paths)
    bodies = tuple(answer.body for answer in more)
    return Page(HOME + paths[0], first.body, dict(first.headers), fetched_at=FETCHED, more=bodies)


@cache
def cleaned(url: str) -> Document:
    return clean_page(page_of(*gold.article_pages(NEWSROOM)[url]))


def found(document: Document, field: str) -> Any:
    value = getattr(document, field)
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("slug", [slug for slug, url in STORIES.items() if url in GOLD])
def test_page(slug: str, field: str) -> None:
    document, expected = cleaned(STORIES[slug]), GOLD[STORIES[slug]][field]
    if field == "text":  # the lines first: their difference is easier to read
        got, wanted = document.text.split("\n"), expected.split("\n")
        assert {"leaked": [line for line in got if line not in wanted]} == {"leaked": []}
        assert {"lost": [line for line in wanted if line not in got]} == {"lost": []}
    assert found(document, field) == expected


@pytest.mark.parametrize("slug", [slug for slug, url in STORIES.items() if url in GOLD])
def test_an_article_is_not_rejected(slug: str) -> None:
    assert cleaned(STORIES[slug]).reject is None


@pytest.mark.parametrize("url", NO_ARTICLES, ids=lambda url: url.removeprefix(HOME))
def test_other_pages_are_rejected_with_a_reason(url: str) -> None:
    document = clean_page(page_of(url.removeprefix(HOME)))
    record = to_record(document, RecordOrigin("20241025T060000Z", FETCHED, url=url))
    assert isinstance(record, Reject)
    assert record.reason == NO_ARTICLES[url]


COPIES = [
    (other, story.slug) for story in NEWSROOM.stories for other in story.other_addresses if HOME + story.url in GOLD
]


@pytest.mark.parametrize(("path", "slug"), COPIES)
def test_a_copy_is_the_same_article(path: str, slug: str) -> None:
    """Check that AMP and print versions and second addresses name their canonical URL and hold the same text."""
    document = clean_page(page_of(path))
    assert document.canonical_url == STORIES[slug]
    assert document.text == GOLD[STORIES[slug]]["text"]
