"""What no witness took for the article is not in its text; where nothing better is known, so much is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaners.document import Drop, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.selection.page_context import PageContext


def not_selected(context: PageContext, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """All segments that were not chosen."""
    return {
        index: Drop(_kind(context, index), "not-selected")
        for index, chosen in enumerate(context.chosen)
        if not chosen and labels[index] is None
    }


def _kind(context: PageContext, index: int) -> Kind:
    segment = context.segments[index]
    if segment.hint is not None:
        return segment.hint.kind
    return Kind.NAVIGATION if segment.link_density > 0.8 else Kind.OTHER
