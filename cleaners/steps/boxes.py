"""Boxes that are no part of the text by their build: an image with a line under it, cards that each link to another article."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from lxml.html import HtmlElement

from ..blocks import BlockType, Drop, Kind
from ..length import weight
from ..scene import Scene

_CAPTION = 220  # weighted characters; what is longer is a paragraph with a picture
_CARD = 600  # weighted characters of a whole card
_CARD_LINES = 5
_HEAD = 15  # weighted characters of a headline
_PICTURES = ("img", "picture", "video", "amp-img")
_STEPS = 4  # elements up from a line in which its picture or its card may be found


def captions(scene: Scene, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Short lines that share a small element with an image."""
    held = scene.held
    drops = {}
    for index in scene.open(labels):
        segment = scene.segments[index]
        if (
            index == scene.standfirst
            or segment.weight > _CAPTION
            or segment.type in (BlockType.HEADING, BlockType.LIST_ITEM)
        ):
            continue
        for element in _around(segment.element):
            if held.get(element, 0) > 3:
                break
            if next(element.iter(*_PICTURES), None) is not None and not _opens_text(segment.text, element):
                drops[index] = Drop(Kind.CAPTION, "boxes:image")
                break
    return drops


def cards(scene: Scene, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Lines in one of several like elements side by side that each hold a link for a headline, and little more."""
    heads = [
        index for index, segment in enumerate(scene.segments) if segment.link_density > 0.9 and segment.weight >= _HEAD
    ]
    if len(heads) < 2:
        return {}
    held = scene.held
    found: dict[tuple[HtmlElement, str, str], dict[HtmlElement, list[int]]] = defaultdict(dict)
    for head in heads:
        for element in _around(scene.segments[head].element):
            if held.get(element, 0) > _CARD_LINES:
                break
            parent = element.getparent()
            if parent is not None and (members := _members(scene, element, head, held.get(element, 0))):
                found[parent, element.tag, element.get("class") or ""][element] = members
    inside = {index for likes in found.values() if len(likes) >= 2 for members in likes.values() for index in members}
    return {index: Drop(Kind.RELATED_LINK, "boxes:cards") for index in sorted(inside) if labels[index] is None}


def _members(scene: Scene, element: HtmlElement, head: int, count: int) -> list[int]:
    """The segments of a card whose headline is `head`, the first or second of them; none where it is no card."""
    for first in (head, head - 1):
        members = list(range(first, first + count))
        if first < 0 or members[-1] >= len(scene.segments):
            continue
        segments = [scene.segments[index] for index in members]
        if all(_within(segment.element, element) for segment in (segments[0], segments[-1])):
            return members if count > 1 and sum(segment.weight for segment in segments) <= _CARD else []
    return []


def _within(inner: HtmlElement, outer: HtmlElement) -> bool:
    element: HtmlElement | None = inner
    for _ in range(_STEPS + 2):
        if element is outer:
            return True
        element = None if element is None else element.getparent()
    return False


def _around(element: HtmlElement) -> Iterator[HtmlElement]:
    for _ in range(_STEPS):
        yield element
        parent = element.getparent()
        if parent is None or parent.tag in ("body", "article", "main"):
            return
        element = parent


def _opens_text(text: str, element: HtmlElement) -> bool:
    """Whether the element is a paragraph that has a picture in it, not a picture that has a line under it."""
    return element.tag == "p" and weight(text) > 120
