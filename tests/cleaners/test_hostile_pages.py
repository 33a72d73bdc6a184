"""A page may hold anything: cleaning never raises, and what it returns is text."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from cleaners import Document, Page, clean_html, clean_page, clean_text

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "https://planet.example/2026/03/quay"
STORY = "The council met on Tuesday and agreed to repair the northern quay before the winter storms come in. "
CODES = [0x1B, 0x07, 0x7F, 0x9D, 0xFFFE, 0xD83D, 0xDE00]


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in [*value.keys(), *value.values()]:
            yield from strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)


def check(document: Document) -> Document:
    for text in strings(asdict(document)):
        text.encode()
        assert not any(unicodedata.category(char) == "Cc" for char in text if char not in "\t\n"), text
    return document


def page(spell: str, body: str = STORY * 8) -> bytes:
    """A page that has `spell` in every text that a record takes from it."""
    data = {
        "@type": ["NewsArticle", f"Odd{spell}Type"],
        "headline": f"Quay {spell} repaired",
        "author": {"name": f"Ida{spell} Berg"},
        "description": f"What the{spell} council said",
        "articleSection": f"Har{spell}bour",
        "keywords": [f"qua{spell}y"],
        "publisher": {"name": f"Daily {spell}Planet"},
        "articleBody": STORY * 8 + spell,
        "mainEntityOfPage": f"{URL}?a={spell}",
        "image": f"https://planet.example/{spell}.jpg",
        "datePublished": f"2026-03-01{spell}",
    }
    return f"""<!doctype html><html lang="en{spell}"><head><title>Quay {spell}</title>
<meta name="keywords" content="a{spell}, b"><meta name="robots" content="no{spell}ai">
<meta property="og:title" content="Quay {spell}"><meta property="og:image" content="/i{spell}.png">
<link rel="canonical" href="{URL}?{spell}"><link rel="license" href="/l{spell}">
<script type="application/ld+json">{json.dumps(data) if "&" in spell else json.dumps(data, ensure_ascii=True)}</script></head>
<body><article class="st{spell}ory" id="a{spell}"><h1>Quay {spell} repaired</h1><p class="byline{spell}">By Ida {spell} Berg</p>
<p>{body}</p><p>It is {spell} so. {STORY}</p><table><tr><td>{spell}1</td><td>2</td></tr></table>
<p class="share{spell}">Share {spell} this</p></article></body></html>""".encode("utf-8", "replace")


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("form", ["&#{0:d};", "&#x{0:X};", "&amp;#{0:d};", "raw"])
def test_every_text_of_a_document_is_text(code: int, form: str) -> None:
    spell = chr(code) if form == "raw" else form.format(code)
    document = check(clean_html(page(spell), URL, headers={"x-robots-tag": f"noai, {spell}"}))
    assert document.title is not None
    assert document.title.endswith("repaired")
    assert STORY.strip() in document.text
    assert document.authors


@pytest.mark.parametrize("code", CODES)
def test_every_text_is_text_where_the_page_holds_its_article_in_data_alone(code: int) -> None:
    check(clean_html(page(chr(code), body=""), URL))
    html = f"<p>{STORY * 4}{chr(code)}</p><h2>{chr(code)}On</h2><p>{STORY * 4}</p>"
    shell = f"<html><head><title>The council met on Tuesday</title></head><body><script>x={json.dumps({'html': html})}</script>"
    assert STORY.strip() in check(clean_html(shell.encode(), URL)).text
    told = check(clean_page(Page(URL, b"<html><body><p>Loading</p></body></html>", feed_html=html)))
    assert STORY.strip() in told.text


def test_a_character_written_as_two_surrogates_is_that_character() -> None:
    document = check(clean_html(page("&#55357;&#56832;"), URL))
    assert "It is 😀 so." in document.text
    assert document.title == "Quay 😀 repaired"
    assert "😀" in check(clean_html(page("\ud83d\ude00"), URL)).authors[0]


def test_plain_text_is_mended_and_otherwise_as_it_was() -> None:
    document = check(clean_text(f"The mayor  said\x1b[31m so.\n\n\n{STORY}\ud83d\ude00 It\x92s so.\n"))
    assert document.text == f"The mayor  said[31m so.\n\n\n{STORY}😀 It’s so."


@pytest.mark.parametrize(
    "value",
    [
        "9" * 400,
        "-" + "9" * 400,
        "1e999",
        '"²²²²²²²²²²"',
        '"1:' + "9" * 60 + '"',
        '"2026-03-01T10:00:00+99:99"',
        "{}",
        "[[]]",
    ],
)
def test_a_date_that_is_none_is_left_out(value: str) -> None:
    data = f'{{"@type": "NewsArticle", "headline": "Quay repaired", "datePublished": {value}, "dateModified": {value}}}'
    body = (
        f'<html><head><script type="application/ld+json">{data}</script></head><body><p>{STORY * 8}</p></body></html>'
    )
    document = check(clean_html(body.encode(), "https://planet.example/quay"))
    assert document.published in (None, "2026-03-01")
    assert STORY.strip() in document.text


@pytest.mark.parametrize(
    "date", ["Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "\x1b"]
)
def test_a_server_s_clock_may_be_wrong(date: str) -> None:
    body = f"<html><head><meta name=date content=2026-03-01></head><body><p>{STORY * 8}</p></body></html>"
    assert clean_html(body.encode(), URL, headers={"date": date}).published == "2026-03-01"


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://[x]/a", "//[", " \x00", "\ud800", "javascript:x", "", "/2026/03/quay"]
)
def test_a_page_may_have_a_url_that_is_none(url: str) -> None:
    check(clean_html(page(""), url))
    assert STORY.strip() in clean_html(f"<html><body><p>{STORY * 8}</p></body></html>".encode(), url).text
