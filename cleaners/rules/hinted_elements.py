"""Drop elements that their tag, role, class or style marks as clutter."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from cleaners.document import BlockType, Drop, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.html.element_hints import ElementHint
    from cleaners.selection.page_context import PageContext

# An element with more of the selected text than this is a frame of the article, whatever its class says. On recorded
# pages, below it only the ambiguous kinds drop a line of an article, and little clutter is above it.
_FRAME = 0.25
# Kinds whose words templates also give to the article's container, or to paid content.
_AMBIGUOUS = frozenset((Kind.PAYWALL, Kind.SECTION_LABEL))
_LABEL_KINDS = frozenset(
    (Kind.BYLINE, Kind.TIMESTAMP, Kind.TAGS, Kind.NAVIGATION, Kind.READING_TIME, Kind.VIDEO_WIDGET, Kind.COPYRIGHT)
)
_MAX_LABEL = 160  # characters; a longer text is hardly a label


def hinted_elements(context: PageContext, _labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Drop segments inside an element with a hint of clutter, unless it is a frame of the article."""
    total = 0
    inside: dict[int, int] = defaultdict(int)
    for segment, chosen in zip(context.segments, context.chosen, strict=True):
        if chosen:
            total += len(segment.text)
            for around in segment.hint.chain() if segment.hint else ():
                inside[id(around)] += len(segment.text)
    drops = {}
    most = _FRAME * total
    for index, segment in enumerate(context.segments):
        hint = segment.hint if index != context.standfirst else None
        while hint is not None:
            if (hint.certain or _fits(hint, segment.text, segment.type)) and inside.get(id(hint), 0) <= most:
                drops[index] = Drop(hint.kind, hint.rule)
                break
            hint = hint.outer
    return drops


def _fits(hint: ElementHint, text: str, kind: BlockType) -> bool:
    """Tell whether a hint from a class name fits a text like this."""
    if hint.kind in _AMBIGUOUS:
        return len(text) <= 60 and kind is not BlockType.HEADING and hint.kind is Kind.SECTION_LABEL
    return hint.kind not in _LABEL_KINDS or (len(text) <= _MAX_LABEL and kind is not BlockType.HEADING)
