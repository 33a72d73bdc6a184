"""Drop the headline from the text: it is the record's title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaners.document import BlockType, Drop, Kind
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.selection.page_context import PageContext

# Least length of the shorter of two lines, as a share of the longer, for both to be one headline.
_MIN_SHARE = 0.7
_MIN_HEADING_SHARE = 0.5


def headline(context: PageContext, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Drop h1 headings and lines that repeat the title, up to the first paragraph; exact repeats also after it."""
    drops = {}
    title = letters_only(context.metadata.title or "")
    first, _ = context.prose_bounds(labels)
    for index, segment in enumerate(context.segments):
        text = segment.key
        if not text:
            continue
        if title and text == title:
            drops[index] = Drop(Kind.HEADLINE, "headline:title")
        elif index <= first and index != context.standfirst:
            if segment.node.tag == "h1" and segment.type is BlockType.HEADING:
                drops[index] = Drop(Kind.HEADLINE, "headline:h1")
            elif title and len(segment.text) < 250 and _is_near_title(text, title, segment.type is BlockType.HEADING):
                drops[index] = Drop(Kind.HEADLINE, "headline:near-title")
    return drops


def _is_near_title(text: str, title: str, is_heading: bool) -> bool:
    """Tell whether one contains the other and little more: the site's name, or a kicker before the title.

    In a heading, the kicker may be as long as the title.
    """
    short, long = (text, title) if len(text) < len(title) else (title, text)
    return (
        len(short) >= 12
        and short in long
        and len(short) >= (_MIN_HEADING_SHARE if is_heading else _MIN_SHARE) * len(long)
    )
