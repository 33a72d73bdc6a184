"""Hold what a rule may look at: the segments, which of them are chosen, and what the page says about itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cleaners.document import Drop, Metadata
from cleaners.page import SiteRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from cleaners.html.node import Node
    from cleaners.html.segment import Segment


@dataclass(frozen=True, slots=True)
class PageContext:
    """Describe one page before its blocks are labelled.

    `families` are the segments' parent elements and `list_groups` the page's lists and tables (see `html.siblings`).
    `chosen` says which segments the selection takes for the article; `standfirst` is the index of its standfirst.
    `text_columns` are arrays that describe the segments' texts (see `model.text_columns`).
    """

    segments: Sequence[Segment]
    families: Sequence[Node]
    list_groups: Sequence[Sequence[int]]
    chosen: Sequence[bool]
    standfirst: int | None = None
    metadata: Metadata = field(default_factory=Metadata)
    rules: SiteRules = field(default_factory=SiteRules)
    text_columns: Mapping[str, NDArray[np.floating[Any]]] = field(default_factory=dict)

    def kept(self, labels: Sequence[Drop | None]) -> Iterator[int]:
        """Yield the indices of the chosen segments that no rule has dropped yet, in page order."""
        return (index for index, chosen in enumerate(self.chosen) if chosen and labels[index] is None)

    def prose_bounds(self, labels: Sequence[Drop | None]) -> tuple[int, int]:
        """Return the indices of the article's first and last kept segment of prose; (n, -1) if there is none."""
        segments = self.segments
        prose = [index for index in self.kept(labels) if segments[index].prose]
        return (prose[0], prose[-1]) if prose else (len(self.segments), -1)
