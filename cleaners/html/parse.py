"""Decode a page's bytes and parse them into the one lxml tree that everything after shares."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from typing import TYPE_CHECKING, cast

from lxml import etree, html

if TYPE_CHECKING:
    from collections.abc import Mapping

# libxml2 keeps control characters that XML forbids, and later stages fail on them.
_DELETED = bytes({*range(32), 127} - {9, 10, 13})
_NO_CHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")  # U+FFFE and U+FFFF in UTF-8
# Searching for a single byte is twenty times as fast as for two or for an expression, and most pages have neither.
_NO_CHARACTER_STARTS = b"\xef"
_ESCAPE = b"\x1b"
_MARKUP = re.compile(
    rb"<\s*(?:!doctype|html|head|body|meta|title|div|p|article|section|main|h1|table|script|a)\b", re.I
)
_HIDDEN = etree.XPath("//@hidden/.. | //@aria-hidden[. = 'true']/..")
_HIDDEN_TAGS = ("div", "section", "p", "span")
# lxml.html calls a Python function for the class of every element; one class for all takes a fifth of the time.
_LOOKUP = etree.ElementDefaultClassLookup(element=html.HtmlElement, comment=html.HtmlComment)
_SNIFFED = 1024 * 64


class NotHtmlError(ValueError):
    """Report bytes that are not an HTML page: empty, binary, or text without markup."""


def decode(body: bytes, headers: Mapping[str, str] | None = None) -> str:
    """Return the page's text.

    Valid UTF-8 is read as UTF-8 whatever the page declares: text in another encoding hardly ever validates by chance,
    and recorded pages often declare an encoding that they no longer have. ISO-2022-JP is 7-bit and therefore checked
    first. Otherwise the WHATWG order decides (BOM, header, meta), and windows-1252 if nothing is declared.
    """
    if (end := _utf8_end(body)) is not None:
        return body[:end].decode("utf-8-sig")
    from w3lib.encoding import html_to_unicode

    content_type = (headers or {}).get("content-type")
    return html_to_unicode(content_type, body, auto_detect_fun=_guess, default_encoding="cp1252")[1]


def _utf8_end(body: bytes) -> int | None:
    """Return where valid UTF-8 ends, at the end or before a truncated last character; None if it is not UTF-8."""
    if (_ESCAPE in body and _ESCAPE + b"$" in body) or body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start if error.start > len(body) - 4 else None
    return len(body)


def _guess(body: bytes) -> str | None:
    """Guess the encoding from byte statistics; called only for undeclared encodings that are not UTF-8."""
    from charset_normalizer import from_bytes

    best = from_bytes(body[:_SNIFFED]).best()
    return best.encoding if best else None


def _utf8(body: bytes, headers: Mapping[str, str] | None) -> bytes:
    """Return the page in UTF-8, without a byte order mark."""
    end = _utf8_end(body)
    return decode(body, headers).encode("utf-8", "replace") if end is None else body[:end].removeprefix(BOM_UTF8)


def parse(body: bytes, headers: Mapping[str, str] | None = None) -> html.HtmlElement:
    """Parse a page into its tree. Raises `NotHtmlError` for anything that is not a page."""
    if not body or body.isspace():
        raise NotHtmlError("the page is empty")
    if not _MARKUP.search(body[:_SNIFFED].replace(b"\x00", b"")):
        raise NotHtmlError("the answer holds no HTML markup")
    # Bytes, because lxml refuses a str with an XML encoding declaration.
    source = _utf8(body, headers)
    # Searching for each takes half the time of deleting none of them.
    if any(map(source.__contains__, _DELETED)):
        source = source.translate(None, _DELETED)
    if _NO_CHARACTER_STARTS in source and _NO_CHARACTER.search(source):
        source = _NO_CHARACTER.sub(b"", source)
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
