"""What no witness took for the article is not in its text; where nothing better is known, so much is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..blocks import Drop, Kind
from ..scene import Scene


def selection(scene: Scene, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """All segments that were not chosen."""
    return {
        index: Drop(_kind(scene, index), "selection:no-witness")
        for index, chosen in enumerate(scene.chosen)
        if not chosen and labels[index] is None
    }


def _kind(scene: Scene, index: int) -> Kind:
    segment = scene.segments[index]
    if segment.zone is not None:
        return segment.zone.kind
    return Kind.NAVIGATION if segment.link_density > 0.8 else Kind.OTHER
