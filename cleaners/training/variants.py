"""Define the cleaners with one mechanism removed, which the ablation compares with the complete ones."""

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

_NEVER = 1.1  # higher than any score
# No publisher of the corpus has a profile, and without `not_selected` there would be no selection.
_NOT_REMOVED = (site_profile_rules, not_selected)


@dataclass(frozen=True, slots=True)
class Variant:
    """Describe the cleaners without one mechanism: `change` applies before the rules, `rules` are those that remain."""

    name: str
    change: Change
    rules: Sequence[Rule] = RULES


def _unchanged(context: PageContext, signals: Signals) -> tuple[PageContext, Signals]:
    return context, signals


def _without_structured_data(context: PageContext, signals: Signals) -> tuple[PageContext, Signals]:
    signals = replace(signals, article_body=[0.0] * len(context.segments))
    chosen, standfirst = _chosen(context, signals)
    return replace(context, chosen=chosen, standfirst=standfirst), signals


def _without_restoring(context: PageContext, signals: Signals) -> tuple[PageContext, Signals]:
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
    """Keep the hints by tags, roles and properties, without those by the words of classes and ids."""
    segments = [segment._replace(hint=_certain(segment.hint)) for segment in context.segments]
    context = replace(context, segments=segments)
    chosen, standfirst = _chosen(context, signals)
    return replace(context, chosen=chosen, standfirst=standfirst), signals


def _certain(hint: ElementHint | None) -> ElementHint | None:
    """Return the certain hints, each with its outer one."""
    if hint is None:
        return None
    outer = _certain(hint.outer)
    return hint._replace(outer=outer) if hint.certain else outer


def _chosen(context: PageContext, signals: Signals) -> tuple[list[bool], int | None]:
    return choose_segments(context.segments, context.families, context.list_groups, signals, context.metadata)


SELECTION_VARIANTS: tuple[Variant, ...] = (
    Variant("signal: structured data", _without_structured_data),
    Variant("selection: restored by family, list, data", _without_restoring),
    Variant("selection: standfirst", _without_standfirst),
    Variant("hints: words of classes and ids", _without_class_words),
)
RULE_VARIANTS: tuple[Variant, ...] = tuple(
    Variant(f"rule: {removed.__name__}", _unchanged, tuple(rule for rule in RULES if rule is not removed))
    for removed in RULES
    if removed not in _NOT_REMOVED
)
# These are removed before training, so that the model learns to do without them.
VARIANTS: tuple[Variant, ...] = (*SELECTION_VARIANTS, *RULE_VARIANTS)


def threshold_variants(thresholds: Thresholds) -> dict[str, Thresholds]:
    """Return the thresholds without each thing that the block model does, by name."""
    return {
        "model: drops": replace(thresholds, drop=0.0),
        "model: restores": replace(thresholds, keep=_NEVER, overrule=_NEVER),
        "model: overrules": replace(thresholds, overrule=_NEVER),
        "model": Thresholds(0.0, _NEVER, _NEVER),
    }
