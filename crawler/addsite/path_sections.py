"""Propose patterns for the sections of a URL path: any section, some by name, or all but some."""

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
_MAX_NAMED = 5  # sections named in one pattern
# What fewer URLs have in common may be chance.
_FEW = 3
# Segments that say what kind of page follows: a site uses one in all its article URLs, so it is worth a literal.
_PAGE_KIND = re.compile(r"articles?|artikel|artikkel|articulos?|articolo|story|stories|clanek|nota|beitrag", re.I)


@dataclass(frozen=True, slots=True)
class SectionChoice:
    """Hold one of the patterns possible at a position, and its cost (see `url_template`)."""

    text: str
    cost: float


def escape_literal(text: str) -> str:
    """Return a pattern that matches `text`, with hyphens unescaped."""
    return re.escape(text).replace("\\-", "-")


def section_runs(parents: Sequence[PathSegment]) -> list[tuple[str, ...]]:
    """Return the runs of sections between the path's features (dates and identifiers)."""
    runs: list[tuple[str, ...]] = [()]
    for segment in parents:
        if segment.form == "*":
            runs[-1] += (segment.text,)
        else:
            runs.append(())
    return runs


def excluded_sections(group: Sequence[UrlFeatures], false_matches: Mapping[str, float]) -> list[SectionChoice]:
    """Return patterns that exclude sections with false matches and without articles.

    The first excludes nothing; each further one excludes one section more, first the one with most false matches.
    """
    own = {part.text for address in group for part in (*address.parents, address.last)}
    left = {
        url: [name for name in urlsplit(url).path.split("/")[1:-1] if name and name not in own] for url in false_matches
    }
    names: list[str] = []
    choices = [SectionChoice("", 0)]
    while len(names) < _MAX_NAMED:
        weight: Counter[str] = Counter()
        for url, sections in left.items():
            for name in set(sections):
                weight[name] += round(100 * false_matches[url])
        if not weight:
            break
        names.append(max(weight, key=lambda name: (weight[name], name)))
        left = {url: sections for url, sections in left.items() if names[-1] not in sections}
        is_deep = any(urlsplit(url).path.split("/")[1] not in names for url in false_matches if url not in left)
        listed = "|".join(map(escape_literal, names))
        inner = listed if len(names) == 1 else f"(?:{listed})"
        choices.append(
            SectionChoice(f"(?!{f'(?:{ANY_SECTION}/)*' if is_deep else ''}{inner}/)", 0.9 + 0.5 * len(names))
        )
    return choices


def section_pattern(runs: Sequence[tuple[str, ...]], strength: FeatureStrength) -> list[SectionChoice]:
    """Return patterns for a run of sections: any; those that all URLs share; one of several by name."""
    if not any(runs):
        return [SectionChoice("", 0)]
    choices = [SectionChoice(_any_of(runs), 0)]
    firsts = sorted({run[0] for run in runs if run})
    if not all(runs):
        return choices
    kind_cost = -0.5 if strength is not FeatureStrength.FIRM and len(runs) > 1 else 0.5
    if shared := _shared(runs):
        cost = kind_cost if any(map(_PAGE_KIND.fullmatch, shared)) else 1 + 0.5 * len(shared)
        named = "".join(f"{escape_literal(name)}/" for name in shared)
        choices.append(SectionChoice(named + _any_of([run[len(shared) :] for run in runs]), cost))
    last = {run[-1] for run in runs}
    if len(last) == 1 and not shared and _PAGE_KIND.fullmatch(name := last.pop()):
        choices.append(SectionChoice(f"{_any_of([run[:-1] for run in runs])}{escape_literal(name)}/", kind_cost))
    if 1 < len(firsts) <= min(_MAX_NAMED, len(runs) / 2):
        tail = f"(?:{ANY_SECTION}/)*" if any(len(run) > 1 for run in runs) else ""
        choices.append(SectionChoice(f"(?:{'|'.join(map(escape_literal, firsts))})/{tail}", 2 + 0.5 * len(firsts)))
    return choices


def _any_of(runs: Sequence[tuple[str, ...]]) -> str:
    """Return a pattern for as many sections as there are; any number if few URLs are known."""
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
