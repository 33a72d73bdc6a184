"""Boxes that are no part of the text by their build: an image with a line under it, cards that each link to another article."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from lxml.html import HtmlElement

from ..blocks import BlockType, Drop, Kind
from ..family import held_by
from ..scene import Scene, weight

_CAPTION = 220  # weighted characters; what is longer is a paragraph with a picture
_CARD = 600  # weighted characters of a whole card
_PICTURES = ("img", "picture", "video", "amp-img")
_STEPS = 4  # elements up from a line in which its picture or its card may be found


def captions(scene: Scene, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Short lines that share a small element with an image."""
    held = held_by(scene.segments)
    drops = {}
    for index in scene.open(labels):
        segment = scene.segments[index]
        if (
            index == scene.standfirst
            or weight(segment.text) > _CAPTION
            or segment.type in (BlockType.HEADING, BlockType.LIST_ITEM)
        ):
            continue
        for element in _around(segment.element):
            if held[element] > 3:
                break
            if next(element.iter(*_PICTURES), None) is not None and not _opens_text(segment.text, element):
                drops[index] = Drop(Kind.CAPTION, "boxes:image")
                break
    return drops


def cards(scene: Scene, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Lines in one of several like elements side by side that each hold a link for a headline, and little more."""
    inside: dict[HtmlElement, list[int]] = defaultdict(list)
    for index, segment in enumerate(scene.segments):
        for element in _around(segment.element):
            inside[element].append(index)
    found: dict[tuple[HtmlElement, str, str], list[HtmlElement]] = defaultdict(list)
    for element, indices in inside.items():
        parent = element.getparent()
        if parent is not None and _is_card(scene, indices):
            found[parent, element.tag, element.get("class") or ""].append(element)
    drops = {}
    for likes in found.values():
        if len(likes) >= 2:
            drops |= {
                index: Drop(Kind.RELATED_LINK, "boxes:cards")
                for element in likes
                for index in inside[element]
                if labels[index] is None
            }
    return drops


def _is_card(scene: Scene, members: Sequence[int]) -> bool:
    segments = [scene.segments[index] for index in members]
    headed = any(segment.link_density > 0.9 and weight(segment.text) >= 15 for segment in segments[:2])
    return 2 <= len(segments) <= 5 and headed and sum(weight(segment.text) for segment in segments) <= _CARD


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
