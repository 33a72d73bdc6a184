"""Shape and place: link lists, headings over nothing, labels before the first paragraph, rows of one-word lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..blocks import BlockType, Drop, Kind
from ..prose import ends_sentence
from ..scene import Scene
from ..segment import LINK

_LABEL = 30  # characters, weighted


def place(scene: Scene, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Lines that are all link and no sentence, short labels before the article, and what trails after its end."""
    drops: dict[int, Drop] = {}
    first, last = scene.bounds(labels)
    for index in scene.open(labels):
        segment = scene.segments[index]
        outside = index < first or index > last
        if segment.link_density >= LINK and index != scene.standfirst:
            if segment.type in (BlockType.LIST_ITEM, BlockType.HEADING) or outside or not ends_sentence(segment.text):
                drops[index] = Drop(Kind.RELATED_LINK, "place:link")
        elif (
            index < first
            and segment.weight <= _LABEL
            and not ends_sentence(segment.text)
            and segment.type is not BlockType.LIST_ITEM
            and index != scene.standfirst
        ):
            drops[index] = Drop(Kind.SECTION_LABEL, "place:label-before-article")
    return drops | _orphans(scene, labels, drops)


def _orphans(scene: Scene, labels: Sequence[Drop | None], drops: Mapping[int, Drop]) -> dict[int, Drop]:
    """Headings whose section is gone: nothing kept stands between them and the next heading or the end."""
    found = {}
    below = False
    for index in reversed([index for index in scene.open(labels) if index not in drops]):
        if scene.segments[index].type is BlockType.HEADING and index != scene.standfirst:
            if not below:
                found[index] = Drop(Kind.RELATED_LINK, "place:heading-over-nothing")
        else:
            below = True
    return found
