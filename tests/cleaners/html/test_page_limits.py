"""What is too much for any page is a reject that says so, and costs no time; what is odd on a page costs no article."""

from __future__ import annotations

import pytest

from cleaners import Page, RejectReason, clean_html, clean_page
from cleaners.html.parse import MOST_ELEMENTS

URL = "https://www.example.org/2026/03/04/quay"
LINES = [
    f"In part {number} the council spoke at length of the quay, of the ferry and of the price of both."
    for number in range(4)
]
STORY = "".join(f"<p>{line}</p>" for line in LINES)
HEAD = "<title>The quay</title><meta property=article:published_time content=2026-03-04T05:06:07Z><meta name=author content='Ida Berg'>"


def page(body: str, head: str = HEAD) -> bytes:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


def names(count: int, value: str) -> str:
    return " ".join(f"a{number}{value}" for number in range(count))


@pytest.mark.parametrize("value", ["", "=b", "='b c'", '="b"'])
@pytest.mark.parametrize("tag", ["p", "body", "meta", "x-line"])
def test_an_element_with_thousands_of_attributes_is_named(tag: str, value: str) -> None:
    document = clean_html(page(f"<{tag} {names(40_000, value)}>{STORY}"), URL)
    assert document.reject is not None
    assert document.reject.reason is RejectReason.NOT_HTML
    assert "attributes" in document.reject.detail


@pytest.mark.parametrize(
    "odd",
    [
        f"<p {names(300, '=b')}>a</p>",
        f"<script>if (i<n) {{ say('{names(9_000, '')}') }}</script>",
        f"<!-- <p {names(9_000, '')} -->",
        f"<p>1 <b{' of the quay' * 3_000}</p>",
        f"<img src='data:image/png;base64,{'a' * 200_000}'>",
    ],
)
def test_what_only_looks_like_such_an_element_does_no_harm(odd: str) -> None:
    document = clean_html(page(f"{STORY}{odd}"), URL)
    assert document.reject is None
    assert LINES[0] in document.text


def test_such_an_element_in_a_feed_or_in_the_data_of_a_script_costs_only_these() -> None:
    bomb = f"<p {names(40_000, '=b')}>{STORY}"
    document = clean_page(Page(URL, page(STORY), feed_html=bomb))
    assert document.reject is None
    assert LINES[0] in document.text
    data = f'<script>x = {{"content": "<p {names(40_000, "=b")}><p>The quay {"a " * 300}"}}</script>'
    scripted = clean_html(page(data), URL)
    assert scripted.reject is not None
    assert scripted.reject.reason is RejectReason.TOO_SHORT


def test_a_page_of_too_many_elements_is_named() -> None:
    document = clean_html(page(STORY + "<br>" * MOST_ELEMENTS), URL)
    assert document.reject is not None
    assert document.reject.reason is RejectReason.NOT_HTML
    assert f"{MOST_ELEMENTS} are the most" in document.reject.detail


@pytest.mark.parametrize(
    "rest", ["<nav><i></i><a href=/a>a</a></nav>" * 12_000, "<i> </i>" * 30_000], ids=["texts", "elements"]
)
def test_a_page_too_big_for_trafilatura_keeps_its_article(rest: str) -> None:
    few = clean_html(page(f"<article><h1>The quay</h1>{STORY}</article>"), URL)
    many = clean_html(page(f"<article><h1>The quay</h1>{STORY}</article>{rest}"), URL)
    assert many.reject is None
    assert many.text == few.text


@pytest.mark.parametrize("inner", ["article", "main", "section", "div", "x-story"])
@pytest.mark.parametrize(
    "form",
    [
        "<!doctype html>{head}<{tag}>{story}</{tag}>",
        "<!doctype html><html lang=en>{head}<{tag}>{story}</{tag}></html>",
        "{head}<{tag}>{story}",
        "<!doctype html>{head}<{tag}>{story}</{tag}><p>Read all of it.</p>",
        "<!doctype html>{head}<header><h1>The quay</h1></header><{tag}>{story}</{tag}><footer>a</footer>",
        "<html><head>{head}</head><{tag}>{story}</{tag}>",
    ],
)
def test_a_page_without_a_body_tag_is_an_article(form: str, inner: str) -> None:
    document = clean_html(form.format(head=HEAD, tag=inner, story=STORY).encode(), URL)
    assert document.reject is None
    assert [line for line in document.text.split("\n\n") if line in LINES] == LINES
    assert document.authors == ("Ida Berg",)


def test_what_stands_in_the_head_comes_before_the_text_of_the_body() -> None:
    source = f"<title>The quay</title><article>{STORY}</article>The council meets again in two weeks.<p>Read more.</p>"
    texts = [block.text for block in clean_html(source.encode(), URL).blocks]
    assert texts == [*LINES, "The council meets again in two weeks.", "Read more."]


def test_a_page_of_frames_has_no_body() -> None:
    document = clean_html(b"<html><frameset><frame src=a></frameset></html>", URL)
    assert document.reject is not None
    assert "no body" in document.reject.detail


@pytest.mark.parametrize("hidden", ["hidden", "aria-hidden=true", "hidden='' class=x"])
@pytest.mark.parametrize("tag", ["div", "section"])
def test_an_article_that_waits_for_a_script_is_read(tag: str, hidden: str) -> None:
    first, second, third, fourth = (f"<p>{line}</p>" for line in LINES)
    body = f"<h1>The quay</h1>{first}{second}<{tag} {hidden}>{third}{fourth}</{tag}>"
    assert clean_html(page(f"<article>{body}</article>"), URL).text.split("\n\n") == LINES


@pytest.mark.parametrize(
    "head",
    [
        "<link rel=canonical href='https://www.example.org/{long}'>",
        "<meta property=og:url content='https://www.example.org/{long}'>",
        '<script type="application/ld+json">{{"@type": "NewsArticle", "url": "https://www.example.org/{long}"}}</script>',
    ],
)
def test_an_endless_address_is_not_kept(head: str) -> None:
    document = clean_html(page(STORY, HEAD + head.format(long="a" * 1_000_000)), URL)
    assert document.reject is None
    assert document.canonical_url is None


def test_an_endless_address_leaves_the_next_one() -> None:
    tags = f"<link rel=canonical href='/{'a' * 3_000}'><meta property=og:url content='/2026/quay'>"
    assert clean_html(page(STORY, HEAD + tags), URL).canonical_url == "https://www.example.org/2026/quay"
    image = f"<meta property=og:image content='/{'a' * 3_000}.jpg'>"
    assert clean_html(page(STORY, HEAD + image), URL).image is None
