"""The cleaners with one mechanism taken out: what the ablation holds against the whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..choose import Testimony, choose
from ..classifier import Thresholds
from ..lexicon import Zone
from ..scene import Scene
from ..steps import STEPS, Step
from ..steps.profile import profile
from ..steps.selection import selection

Change = Callable[[Scene, Testimony], tuple[Scene, Testimony]]

_NEVER = 1.1  # no score is as high
_KEPT_APART = (profile, selection)  # no outlet of the corpus has a profile; what is not selected is not in the text


@dataclass(frozen=True, slots=True)
class Variant:
    """One mechanism less. `change` is what differs before the steps, `steps` those that are left."""

    name: str
    change: Change
    steps: Sequence[Step] = STEPS


def _same(scene: Scene, testimony: Testimony) -> tuple[Scene, Testimony]:
    return scene, testimony


def _without_structured_data(scene: Scene, testimony: Testimony) -> tuple[Scene, Testimony]:
    testimony = replace(testimony, article_body=[0.0] * len(scene.segments))
    chosen, standfirst = _chosen(scene, testimony)
    return replace(scene, chosen=chosen, standfirst=standfirst), testimony


def _without_bringing_back(scene: Scene, testimony: Testimony) -> tuple[Scene, Testimony]:
    chosen = [share >= 0.5 for share in testimony.selection]
    if scene.standfirst is not None:
        chosen[scene.standfirst] = True
    return replace(scene, chosen=chosen), testimony


def _without_standfirst(scene: Scene, testimony: Testimony) -> tuple[Scene, Testimony]:
    if scene.standfirst is None:
        return scene, testimony
    chosen = list(scene.chosen)
    chosen[scene.standfirst] = testimony.selection[scene.standfirst] >= 0.5
    return replace(scene, chosen=chosen, standfirst=None), testimony


def _without_class_words(scene: Scene, testimony: Testimony) -> tuple[Scene, Testimony]:
    """Tags, roles and properties alone say what an element is, not the words of its class."""
    segments = [segment._replace(zone=_certain(segment.zone)) for segment in scene.segments]
    scene = replace(scene, segments=segments)
    chosen, standfirst = _chosen(scene, testimony)
    return replace(scene, chosen=chosen, standfirst=standfirst), testimony


def _certain(zone: Zone | None) -> Zone | None:
    """The zones that are sure, one around the other."""
    if zone is None:
        return None
    outer = _certain(zone.outer)
    return zone._replace(outer=outer) if zone.certain else outer


def _chosen(scene: Scene, testimony: Testimony) -> tuple[list[bool], int | None]:
    return choose(scene.segments, scene.families, scene.wholes, testimony, scene.metadata)


BEFORE: tuple[Variant, ...] = (
    Variant("witness: structured data", _without_structured_data),
    Variant("choice: brought back by family, list, data", _without_bringing_back),
    Variant("choice: standfirst", _without_standfirst),
    Variant("zones: words of classes and ids", _without_class_words),
)
STEPWISE: tuple[Variant, ...] = tuple(
    Variant(f"step: {gone.__name__}", _same, tuple(step for step in STEPS if step is not gone))
    for gone in STEPS
    if gone not in _KEPT_APART
)
# Taken out before scores are learned, so that the classifier learns to do without.
VARIANTS: tuple[Variant, ...] = (*BEFORE, *STEPWISE)


def deciding(thresholds: Thresholds) -> dict[str, Thresholds]:
    """What the classifier does, each taken out: name → the thresholds that are left."""
    return {
        "classifier: drops": replace(thresholds, drop=0.0),
        "classifier: brings back": replace(thresholds, keep=_NEVER, overrule=_NEVER),
        "classifier: overrules": replace(thresholds, overrule=_NEVER),
        "classifier": Thresholds(0.0, _NEVER, _NEVER),
    }
