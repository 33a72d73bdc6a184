"""Define the rules that drop clutter, and `RULES`, the order in which they run.

A rule is a pure function in a file of its own, `(context, labels) -> {index: Drop}`. `context` is the page as a rule may
see it (`PageContext`): its segments, which of them are chosen, the metadata, the site's profile. `labels` holds one entry
per segment: the drop of an earlier rule, or None. The rule returns the segments that it drops, by index, each with the
kind of clutter and the rule's name, which ends up in `Block.dropped_by`. The first rule that drops a segment decides.

To add a rule, write it and put it into `RULES` before `not_selected`. This one drops lines of asterisks::

    def ornaments(context: PageContext, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
        '''Drop lines made of asterisks.'''
        segments = context.segments
        return {
            index: Drop(Kind.OTHER, "ornaments")
            for index in context.kept(labels)
            if set(segments[index].text) <= set("* ")
        }

The models see what the rules say, so run `make train` after any change to `RULES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cleaners.document import Drop
from cleaners.rules.byline import byline
from cleaners.rules.captions import captions
from cleaners.rules.cards import cards
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


def apply_rules(context: PageContext, rules: Sequence[Rule] = RULES) -> list[Drop | None]:
    """Run the rules in order and return one label per segment: its drop, or None if it is kept."""
    labels: list[Drop | None] = [None] * len(context.segments)
    for rule in rules:
        for index, drop in rule(context, labels).items():
            if labels[index] is None:
                labels[index] = drop
    return labels
