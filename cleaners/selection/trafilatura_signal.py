"""The witness for pages that the first reading doubts: what trafilatura selects."""

from __future__ import annotations

import logging
from copy import copy
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from lxml import etree

from cleaners.selection.alignment import align_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from cleaners.html.node import Node
    from cleaners.html.segment import Segment

_LOGGERS = ("trafilatura.core", "trafilatura.utils", "trafilatura.main_extractor")
# What trafilatura 2.3 throws away on sight (its MANUALLY_CLEANED), but for forms, figures and the head, of which it keeps some.
_UNREAD = (
    "script style noscript template svg math textarea select option optgroup datalist iframe object embed canvas map area picture "
    "source track param applet audio video img input button label legend fieldset output progress dialog menu menuitem nav footer "
    "aside time link frame frameset marquee noindex rp rt rtc use"
).split()
_CLUTTER = 0.05  # the first reading's score under which a segment is clutter beyond doubt
_MARK = "winnow-clutter"
_MARKED = etree.XPath(f"//*[@{_MARK}]")
_HOLLOW = etree.XPath("descendant::*[not(node())][not(self::br)]")


def trafilatura_shares(page: HtmlElement, segments: Sequence[Segment], reading: Sequence[float]) -> list[float]:
    """The share of each segment that trafilatura takes for the article, 0..1; `reading` is the first reading's score of each.

    It does not see what the first reading is sure to be clutter: that takes half the time, and on recorded pages it errs less.
    """
    tree = prune_tree(page, clear_clutter(segments, reading))
    return align_keys([segment.key for segment in segments], trafilatura_lines(tree))


def clear_clutter(segments: Sequence[Segment], reading: Sequence[float]) -> list[HtmlElement]:
    """The outermost elements of which no segment may be the article's; none where that is true of the whole page."""
    best: dict[Node, float] = {}  # the highest score within
    for segment, score in zip(segments, reading, strict=True):
        node: Node | None = segment.node
        while node is not None and best.get(node, -1.0) < score:
            best[node] = score
            node = node.parent
    return [
        node.element
        for node, score in best.items()
        if score < _CLUTTER and node.parent is not None and best[node.parent] >= _CLUTTER
    ]


def prune_tree(page: HtmlElement, clutter: Sequence[HtmlElement] = ()) -> HtmlElement:
    """A copy of the page without these elements of it, and without what trafilatura does not read: half of what is left, which it
    would copy thrice and ask fifty questions. What it selects stays the same; measured on 939 pages.
    """
    for element in clutter:
        element.set(_MARK, "")
    tree = copy(page)
    for element in clutter:
        del element.attrib[_MARK]
    for element in cast("list[HtmlElement]", _MARKED(tree)):
        element.drop_tree()
    etree.strip_elements(tree, *_UNREAD, with_tail=False)
    for element in cast("list[HtmlElement]", _HOLLOW(tree)):
        element.tag = "hollow"
    etree.strip_tags(tree, "hollow")
    return tree


def trafilatura_lines(tree: HtmlElement) -> list[str]:
    """The lines of text that trafilatura takes for the article; none where it finds no article."""
    from trafilatura import bare_extraction

    document = bare_extraction(tree, options=_options())
    text = getattr(document, "text", None) or ""
    return [line for line in text.splitlines() if line.strip()]


@cache
def _options() -> Any:
    """trafilatura's options, which it would work out anew for each page. What it discards is no news to who reads our rejects."""
    from trafilatura.settings import Extractor

    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return Extractor(output_format="python", comments=False)
