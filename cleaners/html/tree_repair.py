"""Repair a page's tree: give it the body that libxml2 missed, and show the articles that wait for a script."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, cast

from lxml import etree

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_HEAD_TAGS = frozenset(("base", "link", "meta", "noscript", "script", "style", "template", "title"))
_HIDDEN = etree.XPath("//*[@hidden or @aria-hidden = 'true']")
_HIDDEN_TAGS = ("div", "section", "p", "span")
_CROWD = 3  # paragraphs among which a hidden one belongs to an article


def restore_body(tree: HtmlElement) -> HtmlElement | None:
    """Return the page's body, after moving into it what stands in the head and belongs there; None if there is nothing.

    libxml2 knows no `<article>`, `<main>` or `<section>`: where a page omits the `<body>` tag, they do not end its head.
    """
    head, body = tree.find("head"), tree.find("body")
    moved = [element for element in head if element.tag not in _HEAD_TAGS] if head is not None else []
    if not moved:
        return body
    if body is None:
        body = cast("HtmlElement", etree.SubElement(tree, "body"))
    if body.text:
        moved[-1].tail = (moved[-1].tail or "") + body.text
        body.text = None
    for element in reversed(moved):
        body.insert(0, element)
    return body


def unhide(tree: HtmlElement) -> None:
    """Remove `hidden` and `aria-hidden` from containers of paragraphs that stand among other paragraphs.

    Some sites hide their articles this way until a script has checked the reader's access, and trafilatura skips them.
    """
    crowded: dict[HtmlElement, bool] = {}  # by parent, as all its children share one answer
    for element in cast("list[HtmlElement]", _HIDDEN(tree)):
        parent = element.getparent()
        if element.tag not in _HIDDEN_TAGS or parent is None or next(element.iter("p"), None) is None:
            continue
        if parent not in crowded:
            crowded[parent] = _has_crowd(parent)
        if crowded[parent]:
            element.attrib.pop("hidden", None)
            element.attrib.pop("aria-hidden", None)


def _has_crowd(parent: HtmlElement) -> bool:
    """Tell whether an element has enough paragraphs among its children and theirs."""
    below = chain.from_iterable(child.iterchildren("p") for child in parent)
    return next(islice(chain(parent.iterchildren("p"), below), _CROWD - 1, None), None) is not None
