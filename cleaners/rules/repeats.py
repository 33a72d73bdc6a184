"""Drop what one page says twice: pull quotes of a sentence of the article, and copies of a whole block."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from cleaners.document import BlockType, Drop, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.html.segment import Segment
    from cleaners.selection.page_context import PageContext

_MOST_QUOTES = 100  # that are searched in all paragraphs; a page with more is made of quotes
_MIN_REPEAT = 40  # weighted characters; a shorter line (a name, a number, a refrain) may repeat on purpose

_PULL_QUOTE = re.compile(r"pull|quot|zitat|citat|cita\b|citation|highlight", re.I)


def repeated_text(context: PageContext, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Drop all but the first kept one of equal blocks, and pull quotes of a sentence in a kept paragraph."""
    drops: dict[int, Drop] = {}
    kept = list(context.kept(labels))
    keys = {index: context.segments[index].key for index in kept}
    first: dict[str, int] = {}
    for index in kept:
        if context.segments[index].weight >= _MIN_REPEAT:
            first.setdefault(keys[index], index)
    for index, segment in enumerate(context.segments):
        if labels[index] is None and first.get(keys.get(index) or segment.key, index) != index:
            drops[index] = Drop(Kind.REPEATED, "repeats:copy")
    paragraphs = [keys[index] for index in kept if index not in drops and context.segments[index].prose]
    quotes = (
        index
        for index in kept
        if index not in drops
        and context.segments[index].weight >= _MIN_REPEAT
        and _is_pull_quote(context.segments[index])
    )
    repeated = [
        index
        for index in islice(quotes, _MOST_QUOTES)
        if any(keys[index] in other and len(other) > len(keys[index]) for other in paragraphs)
    ]
    return drops | dict.fromkeys(repeated, Drop(Kind.REPEATED, "repeats:pull-quote"))


def _is_pull_quote(segment: Segment) -> bool:
    """Tell whether the line is set apart as a quote; subheads and lists may repeat a sentence on purpose."""
    if segment.type is BlockType.QUOTE:
        return True
    names = f"{segment.node.class_names} {segment.node.parent.class_names if segment.node.parent else ''}"
    return segment.type is BlockType.PARAGRAPH and _PULL_QUOTE.search(names) is not None
