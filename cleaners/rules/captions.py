"""Drop captions: short lines that share a small element with an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaners.document import BlockType, Drop, Kind
from cleaners.html.siblings import nearest_ancestors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.html.node import Node
    from cleaners.html.segment import Segment
    from cleaners.selection.page_context import PageContext

_RULE = "boxes:image"  # stored with blocks, and known to `block_model`
_MAX_CAPTION = 220  # weighted characters; anything longer is a paragraph with a picture
_MAX_SEGMENTS = 3  # segments in the element that holds both the image and its caption


def captions(context: PageContext, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Drop short lines that stand in one small element with an image or a video."""
    drops = {}
    for index in context.kept(labels):
        segment = context.segments[index]
        if (
            index == context.standfirst
            or segment.weight > _MAX_CAPTION
            or segment.type in (BlockType.HEADING, BlockType.LIST_ITEM)
        ):
            continue
        for node in nearest_ancestors(segment.node):
            if node.segment_count > _MAX_SEGMENTS:
                break
            if node.has_picture and not _is_illustrated_paragraph(segment, node):
                drops[index] = Drop(Kind.CAPTION, _RULE)
                break
    return drops


def _is_illustrated_paragraph(segment: Segment, node: Node) -> bool:
    """Tell whether the element is a paragraph with a picture in it, and not a picture with a line below it."""
    return node.tag == "p" and segment.weight > 120
