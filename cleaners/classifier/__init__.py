"""The learned step: a small gradient-boosted model that scores each segment, 1 for the article's own, 0 for clutter.

It drops chosen lines that it scores low, and brings back what the witnesses lost and it scores high. What a rule is sure of
(a phrase, the headline, the site profile) it leaves alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..blocks import Drop, Kind
from ..choose import Testimony
from ..scene import Scene
from .features import features
from .model import load_model

FIRM = ("phrase:", "headline:title", "profile:")


def learned(scene: Scene, testimony: Testimony, labels: Sequence[Drop | None]) -> tuple[list[Drop | None], list[float]]:
    """The labels after the classifier, and its score of each segment."""
    if not scene.segments:
        return list(labels), []
    model = load_model()
    scores = model.scores(features(scene, testimony, labels)).tolist()
    decided = [
        _decide(scene, index, drop, score, model.drop_below, model.keep_above)
        for index, (drop, score) in enumerate(zip(labels, scores, strict=True))
    ]
    return decided, scores


def _decide(
    scene: Scene, index: int, drop: Drop | None, score: float, drop_below: float, keep_above: float
) -> Drop | None:
    if drop is None:
        return None if score >= drop_below else Drop(_kind(scene, index), "learned")
    if drop.rule.startswith(FIRM):
        return drop
    return None if score >= keep_above else drop


def _kind(scene: Scene, index: int) -> Kind:
    segment = scene.segments[index]
    if segment.zone is not None:
        return segment.zone.kind
    return Kind.RELATED_LINK if segment.link_density > 0.5 else Kind.OTHER
