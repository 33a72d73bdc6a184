"""Drop lines by shape and position: lines that are only a link, labels before the article, headings without a section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaners.document import BlockType, Drop, Kind
from cleaners.html.segment import LINK
from cleaners.text.measures import ends_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.selection.page_context import PageContext

_MAX_LABEL = 30  # weighted characters


def out_of_place(context: PageContext, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Drop lines that are a link and no sentence, short labels before the article, and headings without a section."""
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
            and segment.weight <= _MAX_LABEL
            and not ends_sentence(segment.text)
            and segment.type is not BlockType.LIST_ITEM
            and index != context.standfirst
        ):
            drops[index] = Drop(Kind.SECTION_LABEL, "place:label-before-article")
    return drops | _empty_headings(context, labels, drops)


def _empty_headings(context: PageContext, labels: Sequence[Drop | None], drops: Mapping[int, Drop]) -> dict[int, Drop]:
    """Drop headings without a section: no kept text stands between them and the next heading or the end."""
    found = {}
    has_section = False
    for index in reversed([index for index in context.kept(labels) if index not in drops]):
        if context.segments[index].type is BlockType.HEADING and index != context.standfirst:
            if not has_section:
                found[index] = Drop(Kind.RELATED_LINK, "place:heading-over-nothing")
        else:
            has_section = True
    return found
