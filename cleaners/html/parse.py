"""Decode a page's bytes and parse them into the one lxml tree that everything after shares."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from typing import TYPE_CHECKING, cast

from lxml import etree

from cleaners.html.page_tree import CrowdedElementError, build_tree
from cleaners.html.tree_repair import restore_body, unhide

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import html

# libxml2 keeps control characters that XML forbids, and later stages fail on them.
_DELETED = bytes({*range(32), 127} - {9, 10, 13})
_NO_CHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")  # U+FFFE and U+FFFF in UTF-8
# Searching for a single byte is twenty times as fast as for two or for an expression, and most pages have neither.
_NO_CHARACTER_STARTS = b"\xef"
_ESCAPE = b"\x1b"
_MARKUP = re.compile(
    rb"<\s*(?:!doctype|html|head|body|meta|title|div|p|article|section|main|h1|table|script|a)\b", re.I
)
_SNIFFED = 1024 * 64
# Cleaning costs up to 30 µs for each element, 3 s together. The biggest of 1,298 recorded pages has 10,145.
MOST_ELEMENTS = 100_000
_COUNT = etree.XPath("count(//*)")


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
