"""Elements that by tag, role, class or style say that they are clutter."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from cleaners.document import BlockType, Drop, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.html.element_hints import ElementHint
    from cleaners.selection.page_context import PageContext

# A hint that holds more of the selected text than this is a frame of the article, whatever its class says; measured on
# recorded pages: below it no kind but the doubtful ones takes a line of the article, and above it little clutter stands.
_FRAME = 0.25
# Words that templates also give to the article's own container, or to what readers pay for.
_DOUBTFUL = frozenset((Kind.PAYWALL, Kind.SECTION_LABEL))
_SHORT = frozenset(
    (Kind.BYLINE, Kind.TIMESTAMP, Kind.TAGS, Kind.NAVIGATION, Kind.READING_TIME, Kind.VIDEO_WIDGET, Kind.COPYRIGHT)
)
_LABEL = 160  # characters; what is longer is hardly a label


def hinted_elements(context: PageContext, _labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Segments inside a hint of clutter that is no frame of the article."""
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
            if (hint.certain or _holds(hint, segment.text, segment.type)) and inside.get(id(hint), 0) <= most:
                drops[index] = Drop(hint.kind, hint.rule)
                break
            hint = hint.outer
    return drops


def _holds(hint: ElementHint, text: str, kind: BlockType) -> bool:
    """Whether a hint of which a name alone speaks holds a text like this one."""
    if hint.kind in _DOUBTFUL:
        return len(text) <= 60 and kind is not BlockType.HEADING and hint.kind is Kind.SECTION_LABEL
    return hint.kind not in _SHORT or (len(text) <= _LABEL and kind is not BlockType.HEADING)
