"""Text from outside is mended, and whatever is text already stays as it is."""

from __future__ import annotations

import html
import json

import pytest

from cleaners.text.sanitize import sanitize, sanitize_json, sanitize_page, sanitize_references

MENDED = [
    ("\ud83d\ude00", "😀"),
    ("a\ud83db", "a\ufffdb"),
    ("\ude00\ud83d", "\ufffd\ufffd"),
    ("\ud83d\ud83d\ude00\ude00", "\ufffd😀\ufffd"),
    ("\x1b]0;title\x07", "]0;title"),
    ("nul\x00 and del\x7f", "nul and del"),
    ("It\x92s \x93quoted\x94 \x96 for 5 \x80", "It’s “quoted” – for 5 €"),
    ("no\x81thing\x9d", "nothing"),
    ("a\x0cb\x0bc", "a b c"),
    ("a\ufffeb\uffffc\ufdd0d\U0001ffffe", "abcde"),
]
TEXTS = [
    "",
    "plain",
    "tab\tand\nlines\r\n",
    "日本語の文章",
    "عربي\u200f و \u202bעברית\u202c",
    "👩‍👩‍👧 e\u0301 \xa0\xad\u2028",
    "\ue000\ufffd",
]


@pytest.mark.parametrize(("text", "expected"), MENDED)
def test_what_is_no_text_is_mended(text: str, expected: str) -> None:
    assert sanitize(text) == expected
    assert sanitize(f"Zürich 東京\n{text}") == f"Zürich 東京\n{expected}"


@pytest.mark.parametrize("text", TEXTS)
def test_text_stays_as_it_is(text: str) -> None:
    assert sanitize(text) is text
    assert sanitize_references(text) is text
    assert sanitize_page(text.encode()) == text.encode()


@pytest.mark.parametrize(("text", "expected"), MENDED)
@pytest.mark.parametrize("form", ["&#{:d};", "&#x{:x};", "&#X000{:X};", "&#00{:d};"])
def test_references_mean_what_the_characters_would(text: str, expected: str, form: str) -> None:
    source = "<p>" + "".join(form.format(ord(char)) for char in text if ord(char) < 0x10000)
    expected = expected.replace("\U0001ffff", "")
    mended = sanitize_references(source)
    assert html.unescape(mended) == "<p>" + expected
    assert sanitize_references(source.encode()).decode() == mended


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("&#27", ""),
        ("&#55357&#56832 x", "&#128512; x"),
        (
            "&#271; &#x1bb; &#9; &#xA; &#128512; &#57344; &#65532;",
            "&#271; &#x1bb; &#9; &#xA; &#128512; &#57344; &#65532;",
        ),
        ("&amp;#27; &#; &#x; &#99999999999999999999;", "&amp;#27; &#; &#x; &#99999999999999999999;"),
        ("&#" + "0" * 5000 + "7;", ""),
    ],
)
def test_a_reference_is_mended_however_it_is_spelled(source: str, expected: str) -> None:
    assert sanitize_references(source) == expected


def test_a_feed_in_another_encoding_has_its_references_mended() -> None:
    assert sanitize_references("Caf\xe9 &#55357;&#56832;".encode("latin-1")) == "Caf\xe9 &#128512;".encode("latin-1")


def test_a_page_has_its_characters_and_references_mended() -> None:
    assert sanitize_page("<p title='&#27;[1m'>\x07é \x9b31m \ufffe&#x9b;</p>".encode()).decode() == (
        "<p title='[1m'>é ›31m &#8250;</p>"
    )


@pytest.mark.parametrize(
    "source",
    [
        r'[{"a": ["x\ud83d", {"b": "\u001b[1m\ud83d\ude00"}]}, "\u009b", "\b\f", 7, null, "caf\u00e9"]',
        r'[{"a": ["x\uD83D", {"b": "\u001B[1m\uD83D\uDE00"}]}, "\u009B", "\b\f", 7, null, "caf\u00E9"]',
    ],
)
def test_strings_of_json_are_mended_wherever_they_are(source: str) -> None:
    mended = sanitize_json(json.loads(source), source)
    assert mended == [{"a": ["x\ufffd", {"b": "[1m😀"}]}, "›", " ", 7, None, "café"]


def test_json_may_be_a_string_or_nested_deeper_than_python_recurses() -> None:
    assert sanitize_json("\x1b", r'"\u001b"') == ""
    value: object = "\x1b[1m"
    for _ in range(100_000):
        value = [value]
    mended = sanitize_json(value, r"\u001b")
    while isinstance(mended, list):
        (mended,) = mended
    assert mended == "[1m"
