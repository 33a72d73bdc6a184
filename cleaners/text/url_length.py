"""Bound the length of URLs, and show long ones in messages."""

from __future__ import annotations

# Characters. No browser or server can be relied on beyond it, and Scrapy has the same limit.
MAX_URL_LENGTH = 2083
_SHOWN = 160  # characters of a URL in a message


def shorten_url(url: str) -> str:
    """Return a URL in quotes as a message shows it: its beginning, where it is long.

    >>> shorten_url("https://example.com/a")
    "'https://example.com/a'"
    """
    shown = repr(url[: _SHOWN + 1])
    return shown if len(shown) <= _SHOWN + 2 else f"{shown[:_SHOWN]}…'"
