"""Recognize what a body is by its first bytes, for responses whose Content-Type is missing or wrong."""

from __future__ import annotations

import re

HTML_TYPES = {"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"}
MEDIA_TYPES = ("image/", "audio/", "video/", "font/", "application/pdf", "application/zip", "application/msword",
               "application/vnd.ms-", "application/vnd.openxmlformats", "application/epub")  # fmt: skip

_START = 4096  # bytes examined; the standard says 1,445, but some pages start with long comments
_TAGS = rb"!doctype\s+html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|meta|link|main|article"
_HTML = re.compile(rb"<(?:" + _TAGS + rb")[\s/>]", re.IGNORECASE)  # WHATWG mimesniff, section 7.1, and four newer tags
_SKIPPED = re.compile(rb"\s+|<!--.*?-->|<\?xml.*?\?>", re.DOTALL)
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")  # WHATWG mimesniff, section 3: binary data bytes
_MAGIC = {
    b"%PDF-": "a PDF",
    b"\x89PNG\r\n": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "gzip data",
    b"ID3": "MP3 audio",
    b"OggS": "Ogg media",
    b"\x1aE\xdf\xa3": "Matroska video",
}


def media_type(header: bytes | None) -> str:
    """Return the media type of a Content-Type header, in lower case and without parameters; "" if there is none."""
    return (header or b"").decode("latin-1").partition(";")[0].strip().lower()


def looks_like_html(body: bytes) -> bool:
    """Tell whether a body starts with an HTML tag, after spaces, comments and an XML declaration.

    Knows UTF-8, UTF-16 and supersets of ASCII.
    """
    start = _to_ascii(body[: 2 * _START])[:_START]
    position = 0
    while skipped := _SKIPPED.match(start, position):
        position = skipped.end()
    return bool(_HTML.match(start, position))


def describe_binary(body: bytes) -> str | None:
    """Return what a body is that cannot be text, such as "a PDF"; None if it may be text."""
    for magic, name in _MAGIC.items():
        if body.startswith(magic):
            return name
    if body[:2] in (b"\xff\xfe", b"\xfe\xff") or looks_like_html(body):
        return None
    start = body[:_START]
    if len(_BINARY.findall(start)) > len(start) // 50:  # text may contain a few control characters
        return "binary data"
    return None


def _to_ascii(start: bytes) -> bytes:
    """Convert UTF-16 to ASCII, well enough to find a tag, and drop a byte order mark."""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or re.match(rb"<\0|\0<", start):
        return start.replace(b"\0", b"").lstrip(b"\xff\xfe")
    return start.removeprefix(b"\xef\xbb\xbf")
