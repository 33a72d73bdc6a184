"""TODO"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy.http import Response


def header_text(response: Response, name: str) -> str | None:
    """A header of the response; None where there is none."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def content_type(response: Response) -> str | None:
    """The Content-Type header, with its charset."""
    return header_text(response, "Content-Type")
