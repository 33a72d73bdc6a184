"""Test that each metadata value has the origin of the place that gave it."""

from __future__ import annotations

import json

import pytest

from cleaners import Document, Page, SiteRules, clean_html, clean_text
from crawler.items import FetchedPage
from crawler.pipelines.article_record import with_hints
from crawler.pipelines.clean_page import CleanedPage

URL = "https://www.example.com/2026/03/04/harbour"
BODY = "<p>The council met on Tuesday evening and agreed on the plan for the old harbour, the mayor said.</p>" * 5
DATA = {
    "@type": ["https://schema.org/NewsArticle", "Article"],
    "headline": "Harbour plan agreed",
    "author": {"@type": "Person", "name": "Ida Berg"},
    "datePublished": "2026-03-04T05:06:07Z",
    "dateModified": "2026-03-05T05:06:07Z",
    "articleSection": "Town",
    "description": "The old harbour is to be rebuilt.",
    "url": "https://www.example.com/harbour",
}


def origins(head: str = "", body: str = BODY, url: str = URL, rules: SiteRules | None = None) -> dict[str, str]:
    page = f"<html lang=en><head>{head}</head><body><article>{body}</article></body></html>"
    return dict(clean_html(page.encode(), url, rules=rules).origins)


def test_origin_of_structured_data_names_type_and_property() -> None:
    found = origins(f'<script type="application/ld+json">{json.dumps(DATA)}</script>')
    assert found == {
        "title": "json-ld:NewsArticle.headline",
        "description": "json-ld:NewsArticle.description",
        "authors": "json-ld:NewsArticle.author",
        "published": "json-ld:NewsArticle.datePublished",
        "modified": "json-ld:NewsArticle.dateModified",
        "section": "json-ld:NewsArticle.articleSection",
        "canonical_url": "json-ld:NewsArticle.url",
    }


@pytest.mark.parametrize(
    ("head", "body", "field", "origin"),
    [
        ("<meta property=og:title content='Harbour plan agreed'>", "", "title", "meta:og:title"),
        ("<title>Harbour plan agreed</title>", "", "title", "element:title"),
        ("<title>Harbour plan agreed | Example</title>", "<h1>Harbour plan agreed</h1>", "title", "element:h1"),
        ("<meta name=byl content='By Ida Berg'>", "", "authors", "meta:byl"),
        ("", "<span class='author big'>Ida Berg</span>", "authors", "byline:span.author"),
        ("", "<p id=who>By Ida Berg</p>", "authors", "byline:p#who"),
        ("<meta property=article:published_time content=2026-03-04>", "", "published", "meta:article:published_time"),
        ("", "<time class=when datetime=2026-03-04T05:06:07Z>4 March</time>", "published", "element:time.when"),
        ("", "<p class=date>4 March 2026</p>", "published", "element:p.date"),
        ("", "", "published", "url"),
        ("<meta name=lastmod content=2026-03-05>", "", "modified", "meta:lastmod"),
        ("<link rel=canonical href=/harbour>", "", "canonical_url", "link:canonical"),
        ("<meta name=description content='The old harbour is rebuilt.'>", "", "description", "meta:description"),
        ("<meta property=article:section content=Town>", "", "section", "meta:article:section"),
    ],
)  # fmt: skip
def test_origin_names_the_place_on_the_page(head: str, body: str, field: str, origin: str) -> None:
    assert origins(head, body + BODY)[field] == origin


def test_a_page_with_only_a_modified_date_gives_both_dates_that_origin() -> None:
    found = origins("<meta name=lastmod content=2026-03-05>", url="https://www.example.com/harbour")
    assert (found["published"], found["modified"]) == ("meta:lastmod", "meta:lastmod")


def test_origin_of_a_dropped_dateline_is_its_block() -> None:
    line = "<div class=article-category><span>Jane Doe |</span> <span>05.04.2025</span></div>"
    standfirst = "<p class=standfirst>Shelves that were empty for months are full, and nobody knows why.</p>"
    found = origins(
        body=f"<h1>Chips are back in the shops</h1>{standfirst}{line}{BODY}", url="https://example.com/chips"
    )
    assert found["authors"].startswith("block:")
    assert found["published"].startswith("block:")


def test_a_text_file_has_origins() -> None:
    paragraph = "The council met on Tuesday evening and agreed on the plan for the old harbour, the mayor said."
    document = clean_text("\n\n".join(["Harbour plan agreed", "By Ida Berg", *[paragraph] * 5]))
    assert set(document.origins) == {name for name in ("title", "authors") if getattr(document, name)}
    assert document.origins["authors"] == "block:byline"


def test_missing_values_have_no_origin() -> None:
    assert origins(body="<p>Hello.</p>", url="https://www.example.com/x") == {}


def test_origin_of_values_from_the_feed() -> None:
    fetched = FetchedPage(Page(URL, b""), URL, "example.com", hint_title="From the feed", hint_published="2026-03-04")
    document = Document("text", title="From the page", origins={"title": "element:h1"})
    filled = with_hints(CleanedPage(fetched, document, b""))
    assert (filled.title, filled.published) == ("From the page", "2026-03-04")
    assert filled.origins == {"title": "element:h1", "published": "feed:published"}
