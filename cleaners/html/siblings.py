"""Group segments that belong together: members of one parent element, of one list, of one table."""

from __future__ import annotations

from itertools import groupby, islice
from typing import TYPE_CHECKING

from cleaners.document import BlockType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cleaners.html.node import Node
    from cleaners.html.segment import Segment

NEAREST = 4  # elements up from a line in which its picture or its card may be found
_GROUPED = frozenset((BlockType.LIST_ITEM, BlockType.TABLE_ROW))


def find_families(segments: Sequence[Segment]) -> list[Node]:
    """Return each segment's parent element, with wrappers around that one segment skipped.

    Paragraphs that each sit in a `<div>` of their own look like siblings to a reader, so they count as siblings.
    """
    return [outer_parent(segment.node) for segment in segments]


def outer_parent(node: Node, count: int = 1) -> Node:
    """Return the innermost element around `node` that holds more than `count` segments."""
    while node.segment_count <= count and node.parent is not None:
        node = node.parent
    return node


def nearest_ancestors(node: Node) -> Iterator[Node]:
    """Yield the node and up to three elements around it, but not the body, `<article>` or `<main>`."""
    for around in islice(node.climb(), NEAREST):
        yield around
        if around.parent is None or around.parent.tag in ("body", "article", "main"):
            return


def find_list_groups(segments: Sequence[Segment]) -> list[list[int]]:
    """Return the lists and tables of two or more members, each as the indices of its segments.

    A list's members are consecutive items of one `<ul>`, `<ol>` or `<menu>`; a table's are consecutive rows.
    """
    around = [_list_or_table(segment) if segment.type in _GROUPED else None for segment in segments]
    runs = ((element, list(indices)) for element, indices in groupby(range(len(segments)), key=around.__getitem__))
    return [indices for element, indices in runs if element is not None and len(indices) > 1]


def _list_or_table(segment: Segment) -> Node | None:
    tags = ("table",) if segment.type is BlockType.TABLE_ROW else ("ul", "ol", "menu")
    node = segment.node.parent
    while node is not None and node.tag not in tags:
        node = node.parent
    return node
