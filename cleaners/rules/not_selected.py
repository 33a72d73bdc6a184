"""Drop every segment that was not selected.

This rule runs last and uses the kind OTHER when nothing more specific is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaners.document import Drop, Kind
from cleaners.html.segment import LINK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.selection.page_context import PageContext


def not_selected(context: PageContext, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Drop all segments that were not chosen and that no earlier rule has dropped."""
    return {
        index: Drop(_kind(context, index), "not-selected")
        for index, chosen in enumerate(context.chosen)
        if not chosen and labels[index] is None
    }


def _kind(context: PageContext, index: int) -> Kind:
    segment = context.segments[index]
    if segment.hint is not None:
        return segment.hint.kind
    return Kind.NAVIGATION if segment.link_density > LINK else Kind.OTHER
