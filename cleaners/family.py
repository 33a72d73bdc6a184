"""Which segments belong together: the children of one element, seen through the wrappers that hold one segment each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

from lxml.html import HtmlElement

from .blocks import BlockType
from .segment import Segment

_ROWED = frozenset((BlockType.LIST_ITEM, BlockType.TABLE_ROW))


def families(segments: Sequence[Segment], held: Mapping[HtmlElement, int]) -> list[HtmlElement]:
    """For each segment the element whose child it is, when wrappers around it alone are looked through.

    Paragraphs that each sit in a `<div>` of their own are siblings to a reader, and so they are here.
    """
    return [outside(segment.element, held) for segment in segments]


def held_by(segments: Sequence[Segment]) -> Mapping[HtmlElement, int]:
    """How many segments each element holds."""
    held: Counter[HtmlElement] = Counter()
    for segment in segments:
        element: HtmlElement | None = segment.element
        while element is not None:
            held[element] += 1
            element = element.getparent()
    return held


def outside(element: HtmlElement, held: Mapping[HtmlElement, int], count: int = 1) -> HtmlElement:
    """The first element around `element` that holds more than `count` segments."""
    while held.get(element, 0) <= count and (parent := element.getparent()) is not None:
        element = parent
    return element


def wholes(segments: Sequence[Segment]) -> list[list[int]]:
    """The lists and tables of two or more members, as indices: runs of items in one `<ul>`, of rows in one `<table>`."""
    runs = groupby(range(len(segments)), key=lambda index: _whole_of(segments[index]))
    found = [(whole, list(indices)) for whole, indices in runs]
    return [indices for whole, indices in found if whole is not None and len(indices) > 1]


def _whole_of(segment: Segment) -> HtmlElement | None:
    if segment.type not in _ROWED:
        return None
    tags = ("table",) if segment.type is BlockType.TABLE_ROW else ("ul", "ol", "menu")
    return next(segment.element.iterancestors(*tags), None)
