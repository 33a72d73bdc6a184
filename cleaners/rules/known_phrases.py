"""Drop boilerplate phrases, by language."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cleaners.document import Drop
from cleaners.phrases import load_phrases

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cleaners.selection.page_context import PageContext

_HALF_LINKED = 0.5  # link density that counts as further evidence
_MAX_PHRASE = 400  # characters


def known_phrases(
    context: PageContext, labels: Sequence[Drop | None], among: Iterable[int] | None = None
) -> Mapping[int, Drop]:
    """Drop segments that match a phrase as a whole and have the further evidence that the phrase may need.

    Looks at the kept segments, or at those of `among`.
    """
    phrases = load_phrases()
    first, last = context.prose_bounds(labels)
    language = context.metadata.language
    languages = (language,) if language else None
    repeats = Counter(segment.key for segment in context.segments if len(segment.text) <= _MAX_PHRASE)
    drops = {}
    for index in context.kept(labels) if among is None else among:
        segment = context.segments[index]
        if len(segment.text) > _MAX_PHRASE or index == context.standfirst:
            continue
        link = segment.link_density >= _HALF_LINKED
        edge = index < first or index > last
        any_sign = link or edge or repeats[segment.key] > 1
        proven = {"none": True, "link": link, "edge": edge, "any": any_sign}
        for phrase in phrases.matches(segment.text, languages):
            if proven[phrase.requires]:
                drops[index] = Drop(phrase.kind, f"phrase:{phrase.id}")
                break
    return drops
