"""Which segments belong together: the children of one element, seen through the wrappers that hold one segment each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lxml.html import HtmlElement

from .segment import Segment


def families(segments: Sequence[Segment]) -> list[HtmlElement]:
    """For each segment the element whose child it is, when wrappers around it alone are looked through.

    Paragraphs that each sit in a `<div>` of their own are siblings to a reader, and so they are here.
    """
    held: Counter[HtmlElement] = Counter()
    for segment in segments:
        element: HtmlElement | None = segment.element
        while element is not None:
            held[element] += 1
            element = element.getparent()
    return [_parent(segment.element, held) for segment in segments]


def _parent(element: HtmlElement, held: Counter[HtmlElement]) -> HtmlElement:
    while held[element] == 1 and (parent := element.getparent()) is not None:
        element = parent
    return element
