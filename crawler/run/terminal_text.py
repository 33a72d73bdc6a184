"""Keep text of the web from controlling a terminal: setting its title, moving its cursor, turning a line around."""

from __future__ import annotations

from cleaners.text.sanitize import sanitize

# Embeddings, overrides and isolates: what follows them on the line is ours.
_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def without_controls(text: str) -> str:
    """Return a text that may have several lines with nothing in it but what is to be seen."""
    return sanitize(text).translate(_DIRECTIONS)


def printable(text: str) -> str:
    r"""Return the same on one line. Everything from the web passes through here on its way to stdout or stderr.

    >>> printable("News\x1b]0;owned\x07\r\nof \u202eday")
    'News]0;owned of day'
    """
    return " ".join(without_controls(text).split())
