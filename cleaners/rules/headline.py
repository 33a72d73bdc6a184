"""The headline is the record's title, not its text: a line before the body that repeats it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaners.document import BlockType, Drop, Kind
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.selection.page_context import PageContext

_MOST, _HALF = 0.7, 0.5  # share of the longer of two lines that the shorter is, from which on they are one headline


def headline(context: PageContext, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Headings of the first rank, and lines that repeat the title, up to the first paragraph; exact repeats also after it."""
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
            elif title and len(segment.text) < 250 and _nearly(text, title, segment.type is BlockType.HEADING):
                drops[index] = Drop(Kind.HEADLINE, "headline:near-title")
    return drops


def _nearly(text: str, title: str, is_heading: bool) -> bool:
    """Whether one holds the other and little more: the title with the outlet's name, or a kicker before it, which in a heading may be
    as long as the title.
    """
    short, long = (text, title) if len(text) < len(title) else (title, text)
    return len(short) >= 12 and short in long and len(short) >= (_HALF if is_heading else _MOST) * len(long)
