"""Decode a page's bytes, by what they are and what the page declares; only encodings of text count."""

from __future__ import annotations

from codecs import BOM_UTF8
from functools import lru_cache
from typing import TYPE_CHECKING

from cleaners.text.sanitize import sanitize

if TYPE_CHECKING:
    from collections.abc import Mapping

_ESCAPE = b"\x1b"
# Python's codecs also have compressions, escapes and notations of domains. Those that decode at all change this.
_PLAIN_ASCII = r'<a b="c">.xn--nxasmq6b. \u0041 +ADw-'
_WIDE = {"utf-16": "utf-16-be", "utf-32": "utf-32-be"} | {
    name: name for name in ("utf-16-be", "utf-16-le", "utf-32-be", "utf-32-le")
}
_SNIFFED = 1024 * 64


def decode(body: bytes, headers: Mapping[str, str] | None = None) -> str:
    """Return the page's text.

    Valid UTF-8 is read as UTF-8 whatever the page declares: text in another encoding hardly ever validates by chance,
    and recorded pages often declare an encoding that they no longer have. ISO-2022-JP is 7-bit and therefore checked
    first. Otherwise the WHATWG order decides (BOM, header, meta), and windows-1252 if nothing is declared.
    """
    if (end := _utf8_end(body)) is not None:
        return sanitize(body[:end].decode("utf-8-sig"))
    from w3lib.encoding import read_bom, to_unicode

    encoding, mark = read_bom(body)
    return sanitize(to_unicode(body[len(mark or b"") :], encoding or _named_or_guessed(body, headers or {})))


def utf8_of(body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """Return the page in UTF-8, without a byte order mark."""
    end = _utf8_end(body)
    return decode(body, headers).encode() if end is None else body[:end].removeprefix(BOM_UTF8)


def _utf8_end(body: bytes) -> int | None:
    """Return where valid UTF-8 ends, at the end or before a truncated last character; None if it is not UTF-8."""
    if (_ESCAPE in body and _ESCAPE + b"$" in body) or body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start if error.start > len(body) - 4 else None
    return len(body)


def _named_or_guessed(body: bytes, headers: Mapping[str, str]) -> str:
    """Return the encoding by the header, else by the markup, else by the bytes."""
    from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding

    by_header = http_content_type_encoding(headers.get("content-type")) or ""
    if by_header in _WIDE:
        return _WIDE[by_header]
    # What names its encoding in markup extends ASCII, or its markup could not be read.
    named = (by_header, html_body_declared_encoding(body) or "")
    return next(filter(_extends_ascii, named), None) or _guess(body)


def _guess(body: bytes) -> str:
    """Guess the encoding from byte statistics; called only for undeclared encodings that are not UTF-8."""
    from charset_normalizer import from_bytes

    best = from_bytes(body[:_SNIFFED]).best()
    return best.encoding if best else "cp1252"


@lru_cache(maxsize=256)
def _extends_ascii(encoding: str) -> bool:
    """Tell whether Python's codec of this name decodes text, and ASCII as it is."""
    try:
        return _PLAIN_ASCII.encode().decode(encoding) == _PLAIN_ASCII
    except (LookupError, ValueError):
        return False
