"""All that a step may look at: the segments, which of them the witnesses chose, and what the page says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from .blocks import Drop, Metadata
from .page import SiteRules
from .prose import is_prose
from .segment import Segment


@dataclass(frozen=True, slots=True)
class Scene:
    """One page before its labels. `held` counts the segments in each element, `families` are the segments'
    parents, `wholes` the lists and tables (see `family`)."""

    segments: Sequence[Segment]
    held: Mapping[HtmlElement, int]
    families: Sequence[HtmlElement]
    wholes: Sequence[Sequence[int]]
    chosen: Sequence[bool]
    standfirst: int | None = None
    metadata: Metadata = field(default_factory=Metadata)
    rules: SiteRules = field(default_factory=SiteRules)

    def open(self, labels: Sequence[Drop | None]) -> Iterator[int]:
        """The chosen segments that no step has dropped yet, in page order."""
        return (index for index, chosen in enumerate(self.chosen) if chosen and labels[index] is None)

    def bounds(self, labels: Sequence[Drop | None]) -> tuple[int, int]:
        """The first and the last segment of the article that is prose beyond doubt; (n, -1) where there is none."""
        prose = [index for index in self.open(labels) if is_prose(self.segments[index])]
        return (prose[0], prose[-1]) if prose else (len(self.segments), -1)
