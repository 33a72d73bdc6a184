"""Boxes that are no part of the text by their build: an image with a line under it, cards that each link to another article."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from cleaners.document import BlockType, Drop, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cleaners.html.node import Node
    from cleaners.html.segment import Segment
    from cleaners.selection.page_context import PageContext

_CAPTION = 220  # weighted characters; what is longer is a paragraph with a picture
_CARD = 600  # weighted characters of a whole card
_CARD_LINES = 5
_HEAD = 15  # weighted characters of a headline
_STEPS = 4  # elements up from a line in which its picture or its card may be found


def captions(context: PageContext, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Short lines that share a small element with an image."""
    drops = {}
    for index in context.open(labels):
        segment = context.segments[index]
        if (
            index == context.standfirst
            or segment.weight > _CAPTION
            or segment.type in (BlockType.HEADING, BlockType.LIST_ITEM)
        ):
            continue
        for node in _around(segment.node):
            if node.held > 3:
                break
            if node.pictured and not _opens_text(segment, node):
                drops[index] = Drop(Kind.CAPTION, "boxes:image")
                break
    return drops


def cards(context: PageContext, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Lines in one of several like elements side by side that each hold a link for a headline, and little more."""
    heads = [
        index
        for index, segment in enumerate(context.segments)
        if segment.link_density > 0.9 and segment.weight >= _HEAD
    ]
    if len(heads) < 2:
        return {}
    found: dict[tuple[Node, str, str], dict[Node, list[int]]] = defaultdict(dict)
    for head in heads:
        for node in _around(context.segments[head].node):
            if node.held > _CARD_LINES:
                break
            if node.held > 1 and node.parent is not None and (members := _members(context, node, head)):
                found[node.parent, node.tag, node.names][node] = members
    inside = {index for likes in found.values() if len(likes) >= 2 for members in likes.values() for index in members}
    return {index: Drop(Kind.RELATED_LINK, "boxes:cards") for index in sorted(inside) if labels[index] is None}


def _members(context: PageContext, node: Node, head: int) -> list[int]:
    """The segments of a card whose headline is `head`, the first or second of them; none where it is no card."""
    count = node.held
    for first in (head, head - 1):
        segments = context.segments[first : first + count] if first >= 0 else ()
        if len(segments) == count and _within(segments[0].node, node) and _within(segments[-1].node, node):
            light = sum(segment.weight for segment in segments) <= _CARD
            return list(range(first, first + count)) if light else []
    return []


def _within(inner: Node, outer: Node) -> bool:
    return outer in islice(inner.climb(), _STEPS + 2)


def _around(node: Node) -> Iterator[Node]:
    for around in islice(node.climb(), _STEPS):
        yield around
        if around.parent is None or around.parent.tag in ("body", "article", "main"):
            return


def _opens_text(segment: Segment, node: Node) -> bool:
    """Whether the element is a paragraph that has a picture in it, not a picture that has a line under it."""
    return node.tag == "p" and segment.weight > 120
