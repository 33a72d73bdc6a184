"""Read headers of responses as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaners.text.sanitize import sanitize

if TYPE_CHECKING:
    from scrapy.http import Response


def header_text(response: Response, name: str) -> str | None:
    """Return a header of the response; None if it has none of this name."""
    value = response.headers.get(name)
    return sanitize(value.decode("latin-1")) if value else None


def content_type(response: Response) -> str | None:
    """Return the Content-Type header, parameters included; None if there is none."""
    return header_text(response, "Content-Type")
