"""Drop cards: like elements side by side that each link to another article."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from cleaners.document import Drop, Kind
from cleaners.html.siblings import NEAREST, nearest_ancestors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.html.node import Node
    from cleaners.selection.page_context import PageContext

_RULE = "boxes:cards"  # stored with blocks, and known to `block_model`
_MAX_CARD = 600  # weighted characters of a whole card
_MAX_CARD_SEGMENTS = 5
_MIN_HEADLINE = 15  # weighted characters


def cards(context: PageContext, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Drop the lines of cards: two or more like siblings, each with a linked headline and little more."""
    headlines = [
        index
        for index, segment in enumerate(context.segments)
        if segment.link_density > 0.9 and segment.weight >= _MIN_HEADLINE
    ]
    if len(headlines) < 2:
        return {}
    # Parent, tag and class of like cards -> each card's segments.
    found: dict[tuple[Node, str, str], dict[Node, list[int]]] = defaultdict(dict)
    for headline in headlines:
        for node in nearest_ancestors(context.segments[headline].node):
            if node.segment_count > _MAX_CARD_SEGMENTS:
                break
            if node.segment_count > 1 and node.parent is not None and (members := _members(context, node, headline)):
                found[node.parent, node.tag, node.class_names][node] = members
    inside = {index for alike in found.values() if len(alike) >= 2 for members in alike.values() for index in members}
    return {index: Drop(Kind.RELATED_LINK, _RULE) for index in sorted(inside) if labels[index] is None}


def _members(context: PageContext, node: Node, headline: int) -> list[int]:
    """Return the segments of a card that has its headline first or second; none if `node` is not a card."""
    count = node.segment_count
    for first in (headline, headline - 1):
        segments = context.segments[first : first + count] if first >= 0 else ()
        if len(segments) == count and _is_within(segments[0].node, node) and _is_within(segments[-1].node, node):
            is_small = sum(segment.weight for segment in segments) <= _MAX_CARD
            return list(range(first, first + count)) if is_small else []
    return []


def _is_within(inner: Node, outer: Node) -> bool:
    return outer in islice(inner.climb(), NEAREST + 2)
