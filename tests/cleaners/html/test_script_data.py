"""Test pages that a script builds in the browser: their article is read from the script's data."""

from __future__ import annotations

import json

import pytest

from cleaners import Document, clean_html

TITLE = "The harbour board sells the last of its cranes"
PARAGRAPHS = [
    f"Crane number {name} was sold on Friday, and the harbour board says that the buyer will take it down before the "
    f"winter storms, which have cost the quay {name} windows in the past year alone."
    for name in ("one", "two", "three", "four")
]
BODY = (
    "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    + '<div class="image"><figure><img src="/crane.jpg"><figcaption>The crane at dusk</figcaption></figure></div>'
    + "<h2>What is left</h2><p>Two sheds and a weighbridge, which nobody has asked for since the spring of last year.</p>"
    + '<p class="related"><a href="/other">Read more: The shed that nobody wants</a></p>'
)


def page(data: object, *, title: str = TITLE, body: str = '<div id="root"></div>', script: str = "{}") -> Document:
    source = script.format(json.dumps(data).replace("<", "\\u003c"))
    head = f"<title>{title}</title><meta property=article:published_time content=2026-03-04T05:06:07Z>"
    html = f"<!doctype html><html lang=en><head>{head}</head><body>{body}<script>{source}</script></body></html>"
    return clean_html(html.encode(), "https://courier.example/2026/03/cranes")


@pytest.mark.parametrize("script", ["{}", "window.STATE = {};", 'push("a");window["Q"] = [];window["Q"].push({});'])
def test_the_article_is_read_from_the_scripts_data(script: str) -> None:
    document = page({"page": {"title": TITLE, "contentHtml": BODY, "ads": ["x"]}}, script=script.replace("{}", "{0}"))
    assert document.reject is None
    lines = document.text.split("\n\n")
    assert lines[:4] == PARAGRAPHS
    assert "What is left" in lines
    assert "The crane at dusk" not in lines  # it is cleaned like a page
    assert not any("Read more" in line for line in lines)


def test_a_text_of_another_title_is_not_the_articles() -> None:
    notice = "".join(
        f"<p>Paragraph {number} of the privacy notice tells what is stored.</p>" * 9 for number in range(3)
    )
    document = page({"consent": {"html": notice}})
    assert document.text == ""
    assert document.reject is not None


def test_a_page_with_an_article_of_its_own_keeps_it() -> None:
    own = "".join(f"<p>{paragraph.replace('Crane', 'Lorry')}</p>" for paragraph in PARAGRAPHS)
    document = page({"body": BODY}, body=f"<article><h1>{TITLE}</h1>{own}</article>")
    assert "Lorry number one" in document.text
    assert "Crane number one" not in document.text


@pytest.mark.parametrize(
    "script",
    [
        'var body = "' + "<p>x</p>" * 99,  # without an end
        '{"body": "' + "<p>\\u12</p>" * 99 + '"}',  # an escape that is none
        '{"body": "' + "\\\\" * 5_000 + '"}',
        '{"html": ' * 5_000,
    ],
)
def test_broken_data_is_no_article(script: str) -> None:
    html = f"<html><head><title>{TITLE}</title></head><body><div id=root></div><script>{script}</script></body></html>"
    document = clean_html(html.encode(), "https://courier.example/2026/03/cranes")
    assert document.text == ""
