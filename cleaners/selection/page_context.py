"""All that a step may look at: the segments, which of them the witnesses chose, and what the page says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cleaners.document import Drop, Metadata
from cleaners.page import SiteRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cleaners.html.node import Node
    from cleaners.html.segment import Segment
    from cleaners.model.boosted_trees import Array


@dataclass(frozen=True, slots=True)
class PageContext:
    """One page before its labels. `families` are the segments' parents, `wholes` the lists and tables (see `family`),
    `texts` columns that say what the texts look like (see `classifier.texts`).
    """

    segments: Sequence[Segment]
    families: Sequence[Node]
    wholes: Sequence[Sequence[int]]
    chosen: Sequence[bool]
    standfirst: int | None = None
    metadata: Metadata = field(default_factory=Metadata)
    rules: SiteRules = field(default_factory=SiteRules)
    texts: Mapping[str, Array] = field(default_factory=dict)

    def open(self, labels: Sequence[Drop | None]) -> Iterator[int]:
        """The chosen segments that no step has dropped yet, in page order."""
        return (index for index, chosen in enumerate(self.chosen) if chosen and labels[index] is None)

    def bounds(self, labels: Sequence[Drop | None]) -> tuple[int, int]:
        """The first and the last segment of the article that is prose beyond doubt; (n, -1) where there is none."""
        segments = self.segments
        prose = [index for index in self.open(labels) if segments[index].prose]
        return (prose[0], prose[-1]) if prose else (len(self.segments), -1)
