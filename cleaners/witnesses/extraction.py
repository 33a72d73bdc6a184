"""The witness for pages that the first reading doubts: what trafilatura selects."""

from __future__ import annotations

import logging
from copy import copy
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

_LOGGERS = ("trafilatura.core", "trafilatura.utils", "trafilatura.main_extractor")
# What trafilatura 2.3 throws away on sight (its MANUALLY_CLEANED), but for forms, figures and the head, of which it keeps some.
_UNREAD = (
    "script style noscript template svg math textarea select option optgroup datalist iframe object embed canvas map area picture "
    "source track param applet audio video img input button label legend fieldset output progress dialog menu menuitem nav footer "
    "aside time link frame frameset marquee noindex rp rt rtc use"
).split()
_HOLLOW = etree.XPath("descendant::*[not(node())][not(self::br)]")


def pruned(page: HtmlElement) -> HtmlElement:
    """A copy of the page without what trafilatura does not read: half its elements, each of which it would copy thrice and ask
    fifty questions. What it selects stays the same; measured on 939 pages, where it took a quarter less time."""
    tree = copy(page)
    etree.strip_elements(tree, *_UNREAD, with_tail=False)
    for element in cast("list[HtmlElement]", _HOLLOW(tree)):
        element.tag = "hollow"
    etree.strip_tags(tree, "hollow")
    return tree


def extract_lines(tree: HtmlElement, *, fast: bool = False) -> list[str]:
    """The lines of text that trafilatura takes for the article; none where it finds no article."""
    from trafilatura import bare_extraction

    for name in _LOGGERS:  # "discarding data" is no news to someone who reads our rejects
        logging.getLogger(name).setLevel(logging.CRITICAL)
    document = bare_extraction(tree, include_comments=False, fast=fast)
    text = getattr(document, "text", None) or ""
    return [line for line in text.splitlines() if line.strip()]
