"""The recipe: an ordered list of steps, each of which says which segments are clutter, of what kind, and by what rule.

A step is a pure function `(scene, labels) -> {index: Drop}`; `labels` are the drops of the steps before it. The first step that
speaks of a segment is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..blocks import Drop
from ..scene import Scene
from .boxes import captions, cards
from .byline import byline
from .headline import headline
from .phrasing import phrasing
from .place import place
from .profile import profile
from .repeats import repeats
from .selection import selection
from .zones import zones

Step = Callable[[Scene, Sequence[Drop | None]], Mapping[int, Drop]]

STEPS: tuple[Step, ...] = (profile, headline, zones, byline, phrasing, cards, captions, place, repeats, selection)


def label(scene: Scene, steps: Sequence[Step] = STEPS) -> list[Drop | None]:
    """What becomes of each segment: None where it is kept."""
    labels: list[Drop | None] = [None] * len(scene.segments)
    for step in steps:
        for index, drop in step(scene, labels).items():
            if labels[index] is None:
                labels[index] = drop
    return labels
