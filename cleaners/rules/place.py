"""Shape and place: link lists, headings over nothing, labels before the first paragraph, rows of one-word lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaners.document import BlockType, Drop, Kind
from cleaners.html.segment import LINK
from cleaners.text.measures import ends_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.selection.page_context import PageContext

_LABEL = 30  # characters, weighted


def out_of_place(context: PageContext, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Lines that are all link and no sentence, short labels before the article, and what trails after its end."""
    drops: dict[int, Drop] = {}
    first, last = context.prose_bounds(labels)
    for index in context.kept(labels):
        segment = context.segments[index]
        outside = index < first or index > last
        if segment.link_density >= LINK and index != context.standfirst:
            if segment.type in (BlockType.LIST_ITEM, BlockType.HEADING) or outside or not ends_sentence(segment.text):
                drops[index] = Drop(Kind.RELATED_LINK, "place:link")
        elif (
            index < first
            and segment.weight <= _LABEL
            and not ends_sentence(segment.text)
            and segment.type is not BlockType.LIST_ITEM
            and index != context.standfirst
        ):
            drops[index] = Drop(Kind.SECTION_LABEL, "place:label-before-article")
    return drops | _orphans(context, labels, drops)


def _orphans(context: PageContext, labels: Sequence[Drop | None], drops: Mapping[int, Drop]) -> dict[int, Drop]:
    """Headings whose section is gone: nothing kept stands between them and the next heading or the end."""
    found = {}
    below = False
    for index in reversed([index for index in context.kept(labels) if index not in drops]):
        if context.segments[index].type is BlockType.HEADING and index != context.standfirst:
            if not below:
                found[index] = Drop(Kind.RELATED_LINK, "place:heading-over-nothing")
        else:
            below = True
    return found
