"""Find the article of a page that a script builds in the browser: its HTML stands in the script's data.

Frameworks ship what they will render as JSON in a `<script>`; the article's text is one string of HTML in it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from lxml import etree

from cleaners.html.page_tree import build_tree
from cleaners.html.parse import NotHtmlError, parse
from cleaners.text.measures import weight, word_set
from cleaners.text.normalize import letters_only
from cleaners.text.sanitize import sanitize, sanitize_references

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from cleaners.page import Page

# A string whose key suggests an article's text; the key also proves where the string begins.
_TEXTS = re.compile(r'"\w{0,24}(?:html|content|body|text|article)\w{0,24}"\s*:\s*"((?:[^"\\]++|\\.)*+)"', re.I | re.S)
_MIN_STRING = 400  # characters of such a string
_PARAGRAPH = re.compile(r"<(?:p|br|h2)\b", re.I)
_TITLE_OVERLAP = 0.5  # least share of the title's longer words that the article's text contains


def scripted_tree(page: Page, title: str | None) -> HtmlElement | None:
    """Return the article with this title as a page of its own; None if the scripts hold none."""
    try:
        tree = parse(page.html, page.headers)
    except NotHtmlError:
        return None
    wanted = {word for word in word_set(title or "") if len(word) > 3 or not word.isascii()}
    best, best_weight = None, 0
    for script in tree.iter("script"):
        for literal in _TEXTS.findall(script.text or ""):
            fragment = _fragment(literal)
            if fragment is None:
                continue
            text = fragment.text_content()
            if (text_weight := weight(text)) > best_weight and _mentions(wanted, text):
                best, best_weight = fragment, text_weight
    return None if best is None else best.getroottree().getroot()


def _mentions(wanted: set[str], text: str) -> bool:
    letters = letters_only(text)
    return bool(wanted) and sum(word in letters for word in wanted) >= _TITLE_OVERLAP * len(wanted)


def _fragment(literal: str) -> HtmlElement | None:
    """Return the element with a string's paragraphs; None if it is not HTML with at least two."""
    if len(literal) < _MIN_STRING:
        return None
    try:
        source = sanitize(sanitize_references(json.loads(f'"{literal}"', strict=False)))
        if len(_PARAGRAPH.findall(source)) < 2:
            return None
        tree = build_tree(f"<html><body><article>{source}</article></body></html>".encode("utf-8", "replace"))
        return tree.find(".//article")
    except (ValueError, etree.ParserError):
        return None
