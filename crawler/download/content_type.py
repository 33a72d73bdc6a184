"""What a body is, by its first bytes: for answers whose Content-Type is missing or wrong."""

from __future__ import annotations

import re

HTML_TYPES = {"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"}
MEDIA_TYPES = ("image/", "audio/", "video/", "font/", "application/pdf", "application/zip", "application/msword",
               "application/vnd.ms-", "application/vnd.openxmlformats", "application/epub")  # fmt: skip

_START = 4096  # bytes looked at; more than the 1,445 of the standard, for pages that open with long comments
_TAGS = rb"!doctype\s+html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|meta|link|main|article"
_HTML = re.compile(rb"<(?:" + _TAGS + rb")[\s/>]", re.IGNORECASE)  # WHATWG mimesniff, section 7.1, and four of today's
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
    """The type of a Content-Type header, in lower case and without its parameters; empty where there is none."""
    return (header or b"").decode("latin-1").partition(";")[0].strip().lower()


def looks_like_html(body: bytes) -> bool:
    """Whether a body opens as HTML does, after spaces, comments and an XML declaration; in UTF-8, -16 or a superset of
    ASCII.
    """
    start = _plain(body[: 2 * _START])[:_START]
    at = 0
    while skipped := _SKIPPED.match(start, at):
        at = skipped.end()
    return bool(_HTML.match(start, at))


def describe_binary(body: bytes) -> str | None:
    """What a body is that is no text at all, for people; None if it may be text."""
    for magic, name in _MAGIC.items():
        if body.startswith(magic):
            return name
    if body[:2] in (b"\xff\xfe", b"\xfe\xff") or looks_like_html(body):
        return None
    start = body[:_START]
    if len(_BINARY.findall(start)) > len(start) // 50:  # a stray control character is not yet noise
        return "binary data"
    return None


def _plain(start: bytes) -> bytes:
    """UTF-16 as ASCII, near enough to find a tag; a byte order mark is dropped."""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or re.match(rb"<\0|\0<", start):
        return start.replace(b"\0", b"").lstrip(b"\xff\xfe")
    return start.removeprefix(b"\xef\xbb\xbf")
