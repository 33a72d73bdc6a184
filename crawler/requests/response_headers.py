"""Read headers of responses as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaners.text.sanitize import sanitize

if TYPE_CHECKING:
    from scrapy.http import Response


_LONGEST = 4096  # bytes of a value; no header that we read needs as many


def header_text(response: Response, name: str) -> str | None:
    """Return a header of the response, a long one only in part; None if it has none of this name."""
    value = response.headers.get(name)
    return sanitize(value[:_LONGEST].decode("latin-1")) if value else None


def all_headers(response: Response) -> dict[str, str]:
    """Return all headers by name in lower case, those of one name joined; bytes that are no UTF-8 are replaced."""
    pairs = ((name, b",".join(response.headers.getlist(name))) for name in response.headers)
    return {name.decode("utf-8", "replace").lower(): value.decode("utf-8", "replace") for name, value in pairs}


def content_type(response: Response) -> str | None:
    """Return the Content-Type header, parameters included; None if there is none."""
    return header_text(response, "Content-Type")


def content_length(response: Response) -> int:
    """Return the Content-Length header; 0 if there is none or if it is no number of bytes."""
    value = (header_text(response, "Content-Length") or "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else 0
