"""What stands twice in one page: pull quotes that repeat a sentence of the article, and copies of a whole block."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cleaners.document import BlockType, Drop, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.html.segment import Segment
    from cleaners.selection.page_context import PageContext

_LEAST = 40  # weighted characters; shorter lines (a name, a figure, a refrain) may honestly stand twice

_PULLED = re.compile(r"pull|quot|zitat|citat|cita\b|citation|highlight", re.I)


def repeated_text(context: PageContext, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Of equal blocks all but one, the first that is chosen; of a pull quote and the paragraph it was pulled from, the quote."""
    drops: dict[int, Drop] = {}
    still = list(context.kept(labels))
    keys = {index: context.segments[index].key for index in still}
    own: dict[str, int] = {}
    for index in still:
        if context.segments[index].weight >= _LEAST:
            own.setdefault(keys[index], index)
    for index, segment in enumerate(context.segments):
        if labels[index] is None and own.get(keys.get(index) or segment.key, index) != index:
            drops[index] = Drop(Kind.REPEATED, "repeats:copy")
    paragraphs = [keys[index] for index in still if index not in drops and context.segments[index].prose]
    for index in still:
        text = keys[index]
        if index in drops or not _is_pull_quote(context.segments[index]) or context.segments[index].weight < _LEAST:
            continue
        if any(text in other and len(other) > len(text) for other in paragraphs):
            drops[index] = Drop(Kind.REPEATED, "repeats:pull-quote")
    return drops


def _is_pull_quote(segment: Segment) -> bool:
    """A line set apart as a quote; subheads and lists may repeat a sentence honestly."""
    if segment.type is BlockType.QUOTE:
        return True
    names = f"{segment.node.class_names} {segment.node.parent.class_names if segment.node.parent else ''}"
    return segment.type is BlockType.PARAGRAPH and _PULLED.search(names) is not None
