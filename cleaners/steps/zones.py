"""Elements that by tag, role, class or style say that they are clutter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ..blocks import BlockType, Drop, Kind
from ..lexicon import Zone
from ..scene import Scene

# A zone that holds more of the selected text than this is a frame of the article, whatever its class says; measured on
# recorded pages: below it no kind but the doubtful ones takes a line of the article, and above it little clutter stands.
_FRAME = 0.25
# Words that templates also give to the article's own container, or to what readers pay for.
_DOUBTFUL = frozenset((Kind.PAYWALL, Kind.SECTION_LABEL))
_SHORT = frozenset(
    (Kind.BYLINE, Kind.TIMESTAMP, Kind.TAGS, Kind.NAVIGATION, Kind.READING_TIME, Kind.VIDEO_WIDGET, Kind.COPYRIGHT)
)
_LABEL = 160  # characters; what is longer is hardly a label


def zones(scene: Scene, _labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Segments inside a zone of clutter that is no frame of the article."""
    total = 0
    inside: dict[int, int] = defaultdict(int)
    for segment, chosen in zip(scene.segments, scene.chosen, strict=True):
        if chosen:
            total += len(segment.text)
            for around in segment.zone.chain() if segment.zone else ():
                inside[id(around)] += len(segment.text)
    drops = {}
    most = _FRAME * total
    for index, segment in enumerate(scene.segments):
        zone = segment.zone if index != scene.standfirst else None
        while zone is not None:
            if (zone.certain or _holds(zone, segment.text, segment.type)) and inside.get(id(zone), 0) <= most:
                drops[index] = Drop(zone.kind, zone.rule)
                break
            zone = zone.outer
    return drops


def _holds(zone: Zone, text: str, kind: BlockType) -> bool:
    """Whether a zone of which a name alone speaks holds a text like this one."""
    if zone.kind in _DOUBTFUL:
        return len(text) <= 60 and kind is not BlockType.HEADING and zone.kind is Kind.SECTION_LABEL
    return zone.kind not in _SHORT or (len(text) <= _LABEL and kind is not BlockType.HEADING)
