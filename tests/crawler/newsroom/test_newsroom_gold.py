"""Test the newsroom's gold: the pages contain it and the clutter, and neither contains the other."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import feedparser
import pytest
from lxml import html as lxml_html

from cleaners.document import Kind
from crawler.newsroom import gold
from crawler.newsroom.fixture_site import HOME, Newsroom

NEWSROOM = Newsroom()
STORIES = {story.slug: story for story in NEWSROOM.stories}


def visible(path: str) -> str:
    """Return a page's text with single spaces, decoded without the cleaners."""
    answer = NEWSROOM.respond(path)
    story = next(
        story for story in NEWSROOM.stories if path.startswith(story.url) or path in (story.amp, story.printed)
    )
    tree: Any = lxml_html.document_fromstring(answer.body.decode(story.charset))
    for element in find(tree, "//head | //script"):
        element.drop_tree()
    return squeeze(tree.text_content())


def squeeze(text: str) -> str:
    return " ".join(text.split())


def fragment_text(fragment: str) -> str:
    return squeeze(lxml_html.fragment_fromstring(f"<div>{fragment}</div>").text_content())


def find(tree: Any, query: str) -> list[Any]:
    return list(tree.xpath(query))


def blocks_of(text: str) -> list[str]:
    """Return the lines of a record's text, without bullets."""
    return [line.removeprefix("• ") for line in text.split("\n") if line]


def test_about_forty_pages_in_five_languages_and_five_layouts() -> None:
    assert {story.language for story in NEWSROOM.stories} == {"en", "de", "ja", "fr", "es"}
    layouts = Counter(story.layout for story in NEWSROOM.stories)
    assert len(layouts) == 5
    assert min(layouts.values()) >= 3
    pages = [
        path
        for path in NEWSROOM.paths
        if NEWSROOM.respond(path).headers.get("content-type", "").startswith("text/html")
    ]
    assert len(pages) >= 40


@pytest.mark.parametrize("slug", sorted(STORIES))
def test_every_block_of_the_gold_stands_on_the_page_in_order(slug: str) -> None:
    story = STORIES[slug]
    page = " ".join(visible(path) for path in gold.article_pages(NEWSROOM)[HOME + story.url])
    places: list[int] = []
    for block in blocks_of(gold.story_text(story)):
        for cell in block.split(gold.CELL):
            places.append(page.find(squeeze(cell), places[-1] if places else 0))
    assert -1 not in places
    assert all(before <= after for before, after in pairwise(places))


@pytest.mark.parametrize("slug", sorted(STORIES))
def test_clutter_stands_on_the_page_and_not_in_the_gold(slug: str) -> None:
    story = STORIES[slug]
    page, lines = visible(story.url), set(blocks_of(gold.story_text(story)))
    for piece in NEWSROOM.clutter(story.url):
        text = fragment_text(piece.html)
        assert text in page, piece
        assert piece.kind == "repeated" or text not in lines, piece


@pytest.mark.parametrize("slug", sorted(STORIES))
def test_a_page_is_clutter_and_gold_and_nothing_else(slug: str) -> None:
    story = STORIES[slug]
    left = ""
    for path in gold.article_pages(NEWSROOM)[HOME + story.url]:
        page = NEWSROOM.respond(path).body.decode(story.charset)
        for piece in NEWSROOM.clutter(path):
            html = piece.html.encode(story.charset, "xmlcharrefreplace").decode(story.charset)
            assert html in page
            page = page.replace(html, "", 1)
        tree: Any = lxml_html.document_fromstring(page)
        for element in find(tree, "//head | //script"):
            element.drop_tree()
        left += tree.text_content()
    text = gold.story_text(story).replace("• ", "").replace(gold.CELL, "")
    assert "".join(left.split()) == "".join(text.split())


def test_each_kind_of_clutter_stands_in_two_layouts_or_more() -> None:
    layouts: dict[str, set[str]] = defaultdict(set)
    for story in NEWSROOM.stories:
        for piece in NEWSROOM.clutter(story.url):
            layouts[piece.kind].add(story.layout)
    assert layouts.keys() == {kind.value for kind in Kind}
    assert not {kind: where for kind, where in layouts.items() if len(where) < 2}


def test_clutter_has_the_forms_of_real_pages() -> None:
    pieces = {fragment_text(piece.html) for story in NEWSROOM.stories for piece in NEWSROOM.clutter(story.url)}
    whole = "\n".join(pieces)
    for form in (
        "Advertisement",
        "Why you can trust The Quay Courier",
        "Follow us on YouTube, Mastodon, LinkedIn, and Facebook.",
    ):
        assert form in pieces
    for pattern in (
        r"(?m)^Read More: \w+",
        r"(?m)^Reading Time: \d",
        r"(?m)^Reading Time:\d",
        "Choose your listening speed",
        "250 WPM",
        "Photo: ",
    ):
        assert re.search(pattern, whole), pattern


@pytest.mark.parametrize("slug", sorted(STORIES))
def test_look_alikes_are_kept(slug: str) -> None:
    story = STORIES[slug]
    for phrase in story.keeps:
        assert phrase in gold.story_text(story)


def test_look_alikes_are_of_many_kinds() -> None:
    text = "\n\n".join(gold.story_text(story) for story in NEWSROOM.stories)
    for opening in (
        "Read more carefully",
        "Advertisement revenue fell",
        "At 1.25x",
        "Correction: an earlier",
        "Mehr zum Thema Wärme",
    ):
        assert re.search(rf"^{re.escape(opening)}", text, re.MULTILINE), opening
    assert "(Northwire)" in text
    assert "according to Rosalind Achebe Senior" in text
    assert "\n\nNewsletter subscribers are worth more than they look\n\n" in text
    lead = STORIES["weather-satellites-startup"]
    assert gold.story_text(lead).startswith(lead.description or "?")


def test_hidden_attributes_hide_article_text() -> None:
    for slug in ("patch-tuesday-dock-cranes", "pension-fund-fibre", "de-rechenzentrum-waerme"):
        story = STORIES[slug]
        tree = lxml_html.document_fromstring(NEWSROOM.respond(story.url).body)
        hidden = squeeze(
            " ".join(element.text_content() for element in find(tree, "//*[@hidden and @aria-hidden='true']"))
        )
        assert story.pages[0][-1].lines[0].text in hidden


def test_gold_of_one_story_to_the_letter() -> None:
    record = gold.expected_articles(NEWSROOM)[HOME + "/news/story.asp?id=4629"]
    assert record["text"].split("\n\n")[3] == (
        "Grain | Opening price | Change\nWheat | 214.50 | +1.25\nBarley | 187.00 | -0.50\nOats | 231.75 | 0.00"
    )
    assert record["id"] == hashlib.blake2b(b"http://newsroom.example/news/story.asp?id=4629", digest_size=8).hexdigest()
    assert record["published"] == "2024-09-05"  # the page gives a time, but no offset
    assert record["authors"] == ["Doris Keppel"]
    record = gold.expected_articles(NEWSROOM)[HOME + STORIES["halden-deliveries"].url]
    assert record["text"].startswith(
        "• Licences for four product lines were granted on Friday, two remain under review\n• Assem"
    )
    assert record["published"] == "2024-10-24T09:12:00+08:00"


def test_no_sentence_stands_in_two_stories() -> None:
    seen: dict[str, str] = {}
    for story in NEWSROOM.stories:
        for sentence in re.split(r"(?<=[.!?。])\s*", gold.story_text(story)):
            if len(sentence) > 30:
                assert seen.setdefault(sentence, story.slug) == story.slug
        assert len(gold.story_text(story)) * (3 if story.language == "ja" else 1) > (0 if story.reject else 900)


def test_some_feed_items_carry_the_whole_text() -> None:
    feed = feedparser.parse(NEWSROOM.respond("/feeds/all.rss").body)
    full = {entry.title: squeeze(fragment_text(entry.content[0].value)) for entry in feed.entries if "content" in entry}
    assert 0 < len(full) < len(feed.entries)
    story = STORIES["open-source-forklift"]
    for block in blocks_of(gold.story_text(story)):
        assert block in full[story.title]


def test_two_pages_make_one_article() -> None:
    story = STORIES["repair-economy-two-parts"]
    first, second = gold.article_pages(NEWSROOM)[HOME + story.url]
    trees = [lxml_html.document_fromstring(NEWSROOM.respond(path).body) for path in (first, second)]
    assert trees[0].xpath("//link[@rel='next']/@href") == [HOME + second]
    assert trees[1].xpath("//link[@rel='prev']/@href") == [HOME + first]
    assert trees[1].xpath("//link[@rel='next']") == []
    blocks = blocks_of(gold.story_text(story))
    assert [block in visible(first) for block in blocks].count(True) == 7
    assert all((block in visible(first)) != (block in visible(second)) for block in blocks)
