"""Boilerplate phrases: what templates say in words, by language."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cleaners.document import Drop
from cleaners.phrases import load_phrases

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cleaners.selection.page_context import PageContext

_HALF_LINKED = 0.5  # link density that counts as a second sign
_LONGEST = 400  # characters; no phrase is longer


def known_phrases(
    context: PageContext, labels: Sequence[Drop | None], among: Iterable[int] | None = None
) -> Mapping[int, Drop]:
    """Segments that a phrase matches whole, and that carry the second sign where the phrase needs one; of the chosen ones,
    or of those given.
    """
    phrases = load_phrases()
    first, last = context.prose_bounds(labels)
    language = context.metadata.language
    languages = (language,) if language else None
    repeats = Counter(segment.key for segment in context.segments if len(segment.text) <= _LONGEST)
    drops = {}
    for index in context.kept(labels) if among is None else among:
        segment = context.segments[index]
        if len(segment.text) > _LONGEST or index == context.standfirst:
            continue
        link = segment.link_density >= _HALF_LINKED
        edge = index < first or index > last
        sign = link or edge or repeats[segment.key] > 1
        proven = {"none": True, "link": link, "edge": edge, "sign": sign}
        for phrase in phrases.matches(segment.text, languages):
            if proven[phrase.needs]:
                drops[index] = Drop(phrase.kind, f"phrase:{phrase.id}")
                break
    return drops
