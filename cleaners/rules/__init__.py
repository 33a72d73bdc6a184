"""The recipe: an ordered list of steps, each of which says which segments are clutter, of what kind, and by what rule.

A step is a pure function `(context, labels) -> {index: Drop}`; `labels` are the drops of the steps before it. The first step that
speaks of a segment is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cleaners.document import Drop
from cleaners.rules.boxes import captions, cards
from cleaners.rules.byline import byline
from cleaners.rules.headline import headline
from cleaners.rules.hinted_elements import hinted_elements
from cleaners.rules.known_phrases import known_phrases
from cleaners.rules.not_selected import not_selected
from cleaners.rules.place import out_of_place
from cleaners.rules.repeats import repeated_text
from cleaners.rules.site_profile import site_profile_rules
from cleaners.selection.page_context import PageContext

Rule = Callable[[PageContext, Sequence[Drop | None]], Mapping[int, Drop]]

RULES: tuple[Rule, ...] = (
    site_profile_rules,
    headline,
    hinted_elements,
    byline,
    known_phrases,
    cards,
    captions,
    out_of_place,
    repeated_text,
    not_selected,
)


def apply_rules(context: PageContext, steps: Sequence[Rule] = RULES) -> list[Drop | None]:
    """What becomes of each segment: None where it is kept."""
    labels: list[Drop | None] = [None] * len(context.segments)
    for step in steps:
        for index, drop in step(context, labels).items():
            if labels[index] is None:
                labels[index] = drop
    return labels
