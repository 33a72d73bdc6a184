"""Parse a page's bytes into the one lxml tree that everything after shares."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from lxml import etree, html

from cleaners.html.decoding import utf8_of
from cleaners.text.sanitize import sanitize_page

if TYPE_CHECKING:
    from collections.abc import Mapping

_MARKUP = re.compile(
    rb"<\s*(?:!doctype|html|head|body|meta|title|div|p|article|section|main|h1|table|script|a)\b", re.I
)
_HIDDEN = etree.XPath("//@hidden/.. | //@aria-hidden[. = 'true']/..")
_HIDDEN_TAGS = ("div", "section", "p", "span")
# lxml.html calls a Python function for the class of every element; one class for all takes a fifth of the time.
_LOOKUP = etree.ElementDefaultClassLookup(element=html.HtmlElement, comment=html.HtmlComment)
_SNIFFED = 1024 * 64  # bytes in which a page shows markup


class NotHtmlError(ValueError):
    """Report bytes that are not an HTML page: empty, binary, or text without markup."""


def parse(body: bytes, headers: Mapping[str, str] | None = None) -> html.HtmlElement:
    """Parse a page into its tree. Raises `NotHtmlError` for anything that is not a page."""
    if not body or body.isspace():
        raise NotHtmlError("the page is empty")
    if not _MARKUP.search(body[:_SNIFFED].replace(b"\x00", b"")):
        raise NotHtmlError("the answer holds no HTML markup")
    # Bytes, because lxml refuses a str with an XML encoding declaration.
    source = sanitize_page(utf8_of(body, headers))
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False, collect_ids=False
    )
    parser.set_element_class_lookup(_LOOKUP)
    try:
        tree = html.document_fromstring(source, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise NotHtmlError(f"no tree can be made of the answer: {error}") from error
    if tree.find("body") is None:
        raise NotHtmlError("the page has no body")
    _unhide(tree)
    return tree


def _unhide(tree: html.HtmlElement) -> None:
    """Remove `hidden` and `aria-hidden` from containers of paragraphs that stand among other paragraphs.

    Some sites hide their articles this way until a script has checked the reader's access, and trafilatura skips them.
    """
    for element in cast("list[html.HtmlElement]", _HIDDEN(tree)):
        if element.tag not in _HIDDEN_TAGS:
            continue
        parent = element.getparent()
        if parent is None or not (element.tag == "p" or next(element.iter("p"), None) is not None):
            continue
        if len(parent.findall("p") + parent.findall("*/p")) >= 3:
            element.attrib.pop("hidden", None)
            element.attrib.pop("aria-hidden", None)
