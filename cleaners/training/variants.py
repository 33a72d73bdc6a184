"""The cleaners with one mechanism taken out: what the ablation holds against the whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cleaners.model.block_model import Thresholds
from cleaners.rules import RULES, Rule
from cleaners.rules.not_selected import not_selected
from cleaners.rules.site_profile import site_profile_rules
from cleaners.selection.choose import choose_segments
from cleaners.selection.page_context import PageContext
from cleaners.selection.signals import Signals

if TYPE_CHECKING:
    from cleaners.html.element_hints import ElementHint

Change = Callable[[PageContext, Signals], tuple[PageContext, Signals]]

_NEVER = 1.1  # no score is as high
_KEPT_APART = (
    site_profile_rules,
    not_selected,
)  # no outlet of the corpus has a profile; what is not selected is not in the text


@dataclass(frozen=True, slots=True)
class Variant:
    """One mechanism less. `change` is what differs before the steps, `steps` those that are left."""

    name: str
    change: Change
    steps: Sequence[Rule] = RULES


def _same(context: PageContext, signals: Signals) -> tuple[PageContext, Signals]:
    return context, signals


def _without_structured_data(context: PageContext, signals: Signals) -> tuple[PageContext, Signals]:
    signals = replace(signals, article_body=[0.0] * len(context.segments))
    chosen, standfirst = _chosen(context, signals)
    return replace(context, chosen=chosen, standfirst=standfirst), signals


def _without_bringing_back(context: PageContext, signals: Signals) -> tuple[PageContext, Signals]:
    chosen = [share >= 0.5 for share in signals.selection]
    if context.standfirst is not None:
        chosen[context.standfirst] = True
    return replace(context, chosen=chosen), signals


def _without_standfirst(context: PageContext, signals: Signals) -> tuple[PageContext, Signals]:
    if context.standfirst is None:
        return context, signals
    chosen = list(context.chosen)
    chosen[context.standfirst] = signals.selection[context.standfirst] >= 0.5
    return replace(context, chosen=chosen, standfirst=None), signals


def _without_class_words(context: PageContext, signals: Signals) -> tuple[PageContext, Signals]:
    """Tags, roles and properties alone say what an element is, not the words of its class."""
    segments = [segment._replace(hint=_certain(segment.hint)) for segment in context.segments]
    context = replace(context, segments=segments)
    chosen, standfirst = _chosen(context, signals)
    return replace(context, chosen=chosen, standfirst=standfirst), signals


def _certain(hint: ElementHint | None) -> ElementHint | None:
    """The hints that are sure, one around the other."""
    if hint is None:
        return None
    outer = _certain(hint.outer)
    return hint._replace(outer=outer) if hint.certain else outer


def _chosen(context: PageContext, signals: Signals) -> tuple[list[bool], int | None]:
    return choose_segments(context.segments, context.families, context.list_groups, signals, context.metadata)


BEFORE: tuple[Variant, ...] = (
    Variant("witness: structured data", _without_structured_data),
    Variant("choice: brought back by family, list, data", _without_bringing_back),
    Variant("choice: standfirst", _without_standfirst),
    Variant("hints: words of classes and ids", _without_class_words),
)
STEPWISE: tuple[Variant, ...] = tuple(
    Variant(f"step: {gone.__name__}", _same, tuple(step for step in RULES if step is not gone))
    for gone in RULES
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
