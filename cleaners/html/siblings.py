"""Which segments belong together: the children of one element, seen through the wrappers that hold one segment each."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from cleaners.document import BlockType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.html.node import Node
    from cleaners.html.segment import Segment

_ROWED = frozenset((BlockType.LIST_ITEM, BlockType.TABLE_ROW))


def families(segments: Sequence[Segment]) -> list[Node]:
    """For each segment the element whose child it is, when wrappers around it alone are looked through.

    Paragraphs that each sit in a `<div>` of their own are siblings to a reader, and so they are here.
    """
    return [outer_parent(segment.node) for segment in segments]


def outer_parent(node: Node, count: int = 1) -> Node:
    """The first element around `node` that holds more than `count` segments."""
    while node.held <= count and node.parent is not None:
        node = node.parent
    return node


def whole_groups(segments: Sequence[Segment]) -> list[list[int]]:
    """The lists and tables of two or more members, as indices: runs of items in one `<ul>`, of rows in one `<table>`."""
    around = [_whole_of(segment) if segment.type in _ROWED else None for segment in segments]
    runs = ((whole, list(indices)) for whole, indices in groupby(range(len(segments)), key=around.__getitem__))
    return [indices for whole, indices in runs if whole is not None and len(indices) > 1]


def _whole_of(segment: Segment) -> Node | None:
    tags = ("table",) if segment.type is BlockType.TABLE_ROW else ("ul", "ol", "menu")
    node = segment.node.parent
    while node is not None and node.tag not in tags:
        node = node.parent
    return node
