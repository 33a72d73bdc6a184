"""Test JSON-LD as pages contain it: valid, wrapped, broken, hostile."""

from __future__ import annotations

import json
import time

import pytest
from lxml import html

from cleaners.html.json_ld import StructuredData, parse_json, plain_text, read_jsonld, types_of


def page(*scripts: object, head: str = "", body: str = "") -> StructuredData:
    texts = [script if isinstance(script, str) else json.dumps(script) for script in scripts]
    marked = "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)
    tree = html.document_fromstring(f"<html><head>{head}{marked}</head><body>{body or '<p>x</p>'}</body></html>")
    return read_jsonld(tree, "https://planet.example/tech/chips-are-back")


def test_a_graph_is_opened_and_references_resolve() -> None:
    data = page(
        {
            "@context": "https://schema.org",
            "@graph": [
                {"@type": "WebSite", "name": "Daily Planet"},
                {"@type": "NewsArticle", "headline": "Chips are back", "author": {"@id": "#jane"}},
                {"@type": "Person", "@id": "#jane", "name": "Jane Doe"},
            ],
        }
    )
    assert data.types == {"WebSite", "NewsArticle", "Person"}
    assert data.article is not None
    assert data.article["headline"] == "Chips are back"
    assert data.resolve(data.article["author"]) == {"@type": "Person", "@id": "#jane", "name": "Jane Doe"}


@pytest.mark.parametrize(
    "script",
    [
        '<!-- {"@type": "NewsArticle", "headline": "Chips are back"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "Chips are back"}\n//]]>',
        '{"@type": "NewsArticle", "headline": "Chips are back",}',
        '{"@type": "NewsArticle", "headline": "Chips\tare\nback"}',
        '{"@type": "NewsArticle", /* the title */ "headline": "Chips are back"};',
        '[{"@type": ["NewsArticle", "Article"], "headline": "Chips are back"}]',
        '{"@type": "https://schema.org/NewsArticle", "headline": "Chips &amp;amp; are back"}',
    ],
)
def test_broken_scripts_are_still_parsed(script: str) -> None:
    data = page(script)
    assert data.article is not None
    assert plain_text(data.article["headline"]).replace(" &", "") == "Chips are back"


def test_one_broken_script_does_not_hide_the_others() -> None:
    data = page("{ this is not json", {"@type": "NewsArticle", "headline": "Chips are back"})
    assert data.article is not None


def test_the_main_article_is_the_one_whose_address_or_headline_is_the_page_s() -> None:
    teasers = [
        {"@type": "NewsArticle", "headline": f"Other story {n}", "url": f"https://planet.example/other/{n}"}
        for n in range(5)
    ]
    main = {
        "@type": "NewsArticle",
        "headline": "Chips are back",
        "mainEntityOfPage": {"@id": "https://www.planet.example/tech/chips-are-back/"},
    }
    data = page([*teasers, main])
    assert data.articles == (main,)
    by_title = page([*teasers, {"@type": "BlogPosting", "headline": "Chips are back"}], body="<h1>Chips are back</h1>")
    assert by_title.article is not None
    assert by_title.article["@type"] == "BlogPosting"


def test_a_list_of_other_articles_is_no_article() -> None:
    items = [{"@type": "NewsArticle", "headline": f"Story {n}", "url": f"https://planet.example/{n}"} for n in range(6)]
    data = page({"@type": "CollectionPage", "name": "Tech"}, items)
    assert data.article is None
    assert "CollectionPage" in data.types


def test_items_of_a_list_do_not_describe_the_page() -> None:
    data = page(
        {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": {"@type": "NewsArticle", "name": "A"}}]}
    )
    assert data.article is None


def test_the_body_has_no_tags_no_entities_and_keeps_its_paragraphs() -> None:
    data = page(
        {
            "@type": "NewsArticle",
            "headline": "Chips are back",
            "articleBody": "&lt;p&gt;Profits rose at AT&amp;amp;T.&lt;/p&gt;&lt;p&gt;If a &lt; b, sell.&lt;/p&gt;",
        }
    )
    assert data.article_body == "Profits rose at AT&T.\nIf a < b, sell."


def test_a_live_blog_s_body_is_that_of_its_updates() -> None:
    updates = [{"@type": "BlogPosting", "articleBody": f"Update number {n}."} for n in (1, 2)]
    data = page({"@type": "LiveBlogPosting", "headline": "Live", "liveBlogUpdate": updates})
    assert data.article_body == "Update number 1.\nUpdate number 2."


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * 200_000,
        '{"a":' * 100_000,
        '{"@graph":[' * 5_000 + "]}" * 5_000,
        "[" + "{}," * 300_000 + "]",
        '{"@type": "NewsArticle", "articleBody": "' + "<!-- " * 100_000 + '"}',
        '{"@type": "NewsArticle", "articleBody": "' + "&amp;" * 300_000 + '"}',
        "{" * 9_000,
    ],
    ids=["lists", "objects", "graphs", "many", "comments", "entities", "braces"],
)
def test_hostile_scripts_cost_little(bomb: str) -> None:
    start = time.process_time()
    page(bomb)
    assert time.process_time() - start < 1.0


def test_values_of_any_shape_do_no_harm() -> None:
    odd = {"@type": ["NewsArticle", 7, None], "headline": {"@value": "Chips"}, "articleBody": ["One.", 2], "@id": 5}
    data = page(odd, [[[]]], 17, "null")
    assert plain_text(data.articles[0]["headline"]) == "Chips"
    assert data.article_body == "One."
    assert types_of(odd) == {"NewsArticle"}
    assert parse_json("") is None
    assert plain_text(42) == ""
