"""The first reading: a small model's score of each segment, from the page alone, and how much of the page it doubts.

On most pages it is as good as all witnesses together, for a third of the time. Where it doubts, trafilatura is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from ..node import Node
from ..scene import Scene
from ..segment import LINK, Segment
from ..steps import label
from ..steps.headline import headline
from ..steps.profile import profile
from ..steps.zones import zones
from ..verdict import is_long_enough
from .features import READING_NAMES, reading_features
from .model import Array, Model, load_model

FILE = "reading.json"

_KNOW_NOTHING = (profile, headline, zones)  # the steps that need not know what is the article
SURE = 0.05  # the doubt of a page from which on trafilatura is asked; chosen by the cross-validation
_OPEN = 0.1  # the chance to be wrong from which on a segment adds to the doubt
_LINK_DENSITY = READING_NAMES.index("link_density")
_MOST = 0.75  # share of the page's prose


def may_be_article(segments: Sequence[Segment]) -> list[bool]:
    """What stands in for the choice before there is one: running text outside all zones of clutter, in the innermost element that
    holds most of it."""
    prose = [segment.prose and segment.zone is None for segment in segments]
    held: defaultdict[Node, int] = defaultdict(int)
    for segment in compress(segments, prose):
        for around in segment.node.climb():
            held[around] += segment.weight
    least = _MOST * max(held.values(), default=0)
    core = max((node for node, weight in held.items() if weight >= least), key=lambda node: node.depth, default=None)
    return [one and any(node is core for node in s.node.climb()) for one, s in zip(prose, segments, strict=True)]


def reading_rows(scene: Scene, article_body: Sequence[float]) -> Array:
    """The features of each segment of a page whose `chosen` is `may_be_article`; `article_body` is as in Testimony."""
    return reading_features(scene, article_body, label(scene, _KNOW_NOTHING))


def read(scene: Scene, article_body: Sequence[float]) -> list[float]:
    """The score of each segment, 0..1."""
    if not scene.segments:
        return []
    rows = reading_rows(scene, article_body)
    open_ones = is_asked(rows)
    scores = np.zeros(len(rows))
    if open_ones.any():
        scores[open_ones] = load_reading().scores(rows[open_ones])
    found: list[float] = scores.tolist()
    return found


def is_asked(rows: Array) -> NDArray[np.bool_]:
    """Which of these rows are scored; all others are links, and score 0."""
    asked: NDArray[np.bool_] = rows[:, _LINK_DENSITY] < LINK
    return asked


def doubt(segments: Sequence[Segment], scores: Sequence[float]) -> float:
    """How much text the reading leaves open, as a share of what it finds; 1 where it finds next to nothing.

    What a segment leaves open is its weight times the chance that it is judged wrongly, where that is no small one.
    """
    found = left_open = 0.0
    for segment, score in zip(segments, scores, strict=True):
        found += segment.weight * score
        if (wrong := min(score, 1 - score)) > _OPEN:
            left_open += segment.weight * wrong
    return left_open / found if is_long_enough(found) else 1.0


def load_reading() -> Model:
    """The model that ships with the package, read on first use. Raises ModelError where it does not fit the code."""
    return load_model(__package__, FILE, READING_NAMES)
