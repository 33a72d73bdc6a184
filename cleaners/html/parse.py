"""Parse a page's bytes into the one lxml tree that everything after shares."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from lxml import etree

from cleaners.html.decoding import utf8_of
from cleaners.html.page_tree import CrowdedElementError, build_tree
from cleaners.html.tree_repair import restore_body, unhide
from cleaners.text.sanitize import sanitize_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import html

_MARKUP = re.compile(
    rb"<\s*(?:!doctype|html|head|body|meta|title|div|p|article|section|main|h1|table|script|a)\b", re.I
)
_SNIFFED = 1024 * 64
# Cleaning costs up to 30 µs for each element, 3 s together. The biggest of 1,298 recorded pages has 10,145.
MOST_ELEMENTS = 100_000
_COUNT = etree.XPath("count(//*)")


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
    try:
        tree = build_tree(source)
    except CrowdedElementError as error:
        raise NotHtmlError(str(error)) from error
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise NotHtmlError(f"no tree can be made of the answer: {error}") from error
    if restore_body(tree) is None:
        raise NotHtmlError("the page has no body")
    if (number := int(cast("float", _COUNT(tree)))) > MOST_ELEMENTS:
        raise NotHtmlError(f"the page has {number} elements, {MOST_ELEMENTS} are the most that are read")
    unhide(tree)
    return tree
