"""What may stand between the marks of a URL: its sections, any of them, or some by name, or all but some."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.addsite.url_features import SLUG_WORDS, FeatureStrength, PathSegment, UrlFeatures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ANY_SECTION = "[^/?#]+"
_MOST_NAMED = 5  # sections that are named in one pattern
# What fewer addresses have in common may be chance.
_FEW = 3
# What kind of page follows, where a site says so in all its articles' addresses: no section, and worth a literal.
_KINDS = re.compile(r"articles?|artikel|artikkel|articulos?|articolo|story|stories|clanek|nota|beitrag", re.I)


@dataclass(frozen=True, slots=True)
class SectionChoice:
    """One of the patterns that may stand at a place, and its price (`template`)."""

    text: str
    price: float


def escape_literal(text: str) -> str:
    """`text` as a pattern of itself, its hyphens as they are."""
    return re.escape(text).replace("\\-", "-")


def section_runs(before: Sequence[PathSegment]) -> list[tuple[str, ...]]:
    """The sections between the marks of a path."""
    runs: list[tuple[str, ...]] = [()]
    for segment in before:
        if segment.form == "*":
            runs[-1] += (segment.text,)
        else:
            runs.append(())
    return runs


def excluded_sections(group: Sequence[UrlFeatures], strays: Mapping[str, float]) -> list[SectionChoice]:
    """Nothing, or that no section is one of those in which the strays stand, and none of the articles: first the one that
    bars most of them.
    """
    own = {part.text for address in group for part in (*address.before, address.last)}
    left = {url: [name for name in urlsplit(url).path.split("/")[1:-1] if name and name not in own] for url in strays}
    names: list[str] = []
    choices = [SectionChoice("", 0)]
    while len(names) < _MOST_NAMED:
        weight: Counter[str] = Counter()
        for url, inside in left.items():
            for name in set(inside):
                weight[name] += round(100 * strays[url])
        if not weight:
            break
        names.append(max(weight, key=lambda name: (weight[name], name)))
        left = {url: inside for url, inside in left.items() if names[-1] not in inside}
        deep = any(urlsplit(url).path.split("/")[1] not in names for url in strays if url not in left)
        listed = "|".join(map(escape_literal, names))
        inner = listed if len(names) == 1 else f"(?:{listed})"
        choices.append(SectionChoice(f"(?!{f'(?:{ANY_SECTION}/)*' if deep else ''}{inner}/)", 0.9 + 0.5 * len(names)))
    return choices


def section_pattern(runs: Sequence[tuple[str, ...]], strength: FeatureStrength) -> list[SectionChoice]:
    """Any sections; those that all have by name; one of several by name."""
    if not any(runs):
        return [SectionChoice("", 0)]
    choices = [SectionChoice(_any_of(runs), 0)]
    firsts = sorted({run[0] for run in runs if run})
    if not all(runs):
        return choices
    telling = -0.5 if strength is not FeatureStrength.FIRM and len(runs) > 1 else 0.5
    if shared := _shared(runs):
        price = telling if any(map(_KINDS.fullmatch, shared)) else 1 + 0.5 * len(shared)
        named = "".join(f"{escape_literal(name)}/" for name in shared)
        choices.append(SectionChoice(named + _any_of([run[len(shared) :] for run in runs]), price))
    last = {run[-1] for run in runs}
    if len(last) == 1 and not shared and _KINDS.fullmatch(name := last.pop()):
        choices.append(SectionChoice(f"{_any_of([run[:-1] for run in runs])}{escape_literal(name)}/", telling))
    if 1 < len(firsts) <= min(_MOST_NAMED, len(runs) / 2):
        tail = f"(?:{ANY_SECTION}/)*" if any(len(run) > 1 for run in runs) else ""
        choices.append(SectionChoice(f"(?:{'|'.join(map(escape_literal, firsts))})/{tail}", 2 + 0.5 * len(firsts)))
    return choices


def _any_of(runs: Sequence[tuple[str, ...]]) -> str:
    """As many sections as there are; where few addresses have told, as many as you like."""
    depths = {len(run) for run in runs}
    if depths == {0}:
        return ""
    if len(runs) < _FEW or 0 in depths:
        return f"(?:{ANY_SECTION}/)*"
    return f"{ANY_SECTION}/" if depths == {1} else f"(?:{ANY_SECTION}/)+"


def _shared(runs: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    shared: list[str] = []
    for names in zip(*runs, strict=False):
        if len(set(names)) > 1 or len(names[0].split("-")) >= SLUG_WORDS + 2:
            break
        shared.append(names[0])
    return tuple(shared)
