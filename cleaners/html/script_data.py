"""Pages that a script builds in the browser: the article that their scripts carry as data.

Frameworks ship what they will draw as JSON in a `<script>`; the text is one string of HTML in it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from lxml import etree, html

from cleaners.html.parse import NotHtmlError, parse
from cleaners.text.measures import weight, word_set
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from cleaners.page import Page

# A string whose key says that it may hold a text; the key proves where the string begins.
_TEXTS = re.compile(r'"\w{0,24}(?:html|content|body|text|article)\w{0,24}"\s*:\s*"((?:[^"\\]++|\\.)*+)"', re.I | re.S)
_LEAST = 400  # characters of such a string
_PARAGRAPH = re.compile(r"<(?:p|br|h2)\b", re.I)
_OWN = 0.5  # share of the headline's longer words that the text of its article has


def scripted_tree(page: Page, title: str | None) -> HtmlElement | None:
    """The article of `title` as a page of its own; None where the scripts carry none."""
    try:
        tree = parse(page.html, page.headers)
    except NotHtmlError:
        return None
    wanted = {word for word in word_set(title or "") if len(word) > 3 or not word.isascii()}
    best, most = None, 0
    for script in tree.iter("script"):
        for literal in _TEXTS.findall(script.text or ""):
            fragment = _fragment(literal)
            if fragment is None:
                continue
            text = fragment.text_content()
            if (heavy := weight(text)) > most and _speaks_of(wanted, text):
                best, most = fragment, heavy
    return None if best is None else best.getroottree().getroot()


def _speaks_of(wanted: set[str], text: str) -> bool:
    folded = letters_only(text)
    return bool(wanted) and sum(word in folded for word in wanted) >= _OWN * len(wanted)


def _fragment(literal: str) -> HtmlElement | None:
    """The element that holds a string's paragraphs; None for what is no HTML of several."""
    if len(literal) < _LEAST:
        return None
    try:
        source = json.loads(f'"{literal}"', strict=False)
        if len(_PARAGRAPH.findall(source)) < 2:
            return None
        return html.document_fromstring(f"<html><body><article>{source}</article></body></html>").find(".//article")
    except (ValueError, etree.ParserError):
        return None
