"""Find the loosest pattern that accepts URLs of one shape and rejects other pages.

The loosest form allows any section, any headline and any ending. Each restriction has a cost, and so has each accepted
page that is no article; the cheapest combination wins. The unit of cost is "as bad as one literal section". Samples have
three to ten URLs, where statistics would overfit: this is a minimal description with costs set by hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from crawler.addsite.path_sections import (
    ANY_SECTION,
    SectionChoice,
    escape_literal,
    excluded_sections,
    section_pattern,
    section_runs,
)
from crawler.addsite.url_features import SLUG_WORDS, FeatureStrength, UrlFeatures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_FALSE_MATCH = 5.0  # the cost of an accepted page that is surely no article; others count by their certainty


@dataclass(frozen=True, slots=True)
class UrlTemplate:
    """Hold a pattern of the path, without the host. `false_matches` are accepted pages that are no articles."""

    path: str
    cost: float
    strength: FeatureStrength
    false_matches: tuple[str, ...] = ()


def template_key(address: UrlFeatures) -> tuple[object, ...]:
    """Return a key that is equal for URLs of one shape: the same features at the same places, in any section."""
    features = tuple(part.form for part in address.parents if part.form != "*")
    return features, address.last.form, address.suffix, tuple(name.partition("=")[0] for name in address.query)


def url_template(group: Sequence[UrlFeatures], others: Mapping[str, float], host: str) -> UrlTemplate:
    """Return the cheapest template of a group of one shape.

    `others` maps URLs that are no articles to the certainty of that, from 0 to 1; `host` is the pattern of the host.
    """
    strength = min(address.strength for address in group)
    own = {address.url: 1.0 for address in group}
    places = list(_choices(group, strength))
    cheapest = [min(choices, key=lambda choice: choice.cost) for choices in places]
    false_matches = _accepted(cheapest, others, host)
    places.insert(0, excluded_sections(group, false_matches))
    best: UrlTemplate | None = None
    for choices in product(*places):
        cost = sum(choice.cost for choice in choices)
        if best and cost >= best.cost:
            continue
        if len(_accepted(choices, own, host)) < len(own):
            continue
        accepted = _accepted(choices, others, host)
        cost += _FALSE_MATCH * sum(accepted.values())
        if best is None or cost < best.cost:
            best = UrlTemplate(_path(choices), cost, strength, tuple(accepted))
    return best or UrlTemplate(_path(cheapest), 0, strength, tuple(false_matches))


def _path(choices: Iterable[SectionChoice]) -> str:
    return "".join(choice.text for choice in choices)


def _accepted(choices: Iterable[SectionChoice], others: Mapping[str, float], host: str) -> dict[str, float]:
    pattern = re.compile(f"^https://{host}/{_path(choices)}")
    return {url: certainty for url, certainty in others.items() if pattern.search(url)}


def _choices(group: Sequence[UrlFeatures], strength: FeatureStrength) -> Iterator[list[SectionChoice]]:
    """Yield the choices for each place of the pattern, from the slash after the host on."""
    runs = [section_runs(address.parents) for address in group]
    features = [part.form for part in group[0].parents if part.form != "*"]
    for place in range(len(features) + 1):
        yield section_pattern([run[place] for run in runs], strength)
        if place < len(features):
            yield [SectionChoice(features[place].replace("*", ANY_SECTION) + "/", 0)]
    yield _tails(group, strength)
    yield _ends(group, strength)


def _tails(group: Sequence[UrlFeatures], strength: FeatureStrength) -> list[SectionChoice]:
    """Return patterns for the last segment: with any words, or with at least so many."""
    last, suffix = group[0].last, re.escape(group[0].suffix)
    texts = {address.last.text for address in group}
    if group[0].query:
        name = escape_literal(last.text) if len(texts) == 1 else ANY_SECTION
        pairs = "&(?:[^#]*&)?".join(re.sub(r"\[0-9\]", r"\\d", pair) for pair in group[0].query)
        slash = "/?" if not suffix else ""
        return [SectionChoice(rf"{name}{suffix}{slash}\?(?:[^#]*&)?{pairs}", 0)]
    if "*" not in last.form:
        return [SectionChoice(last.form + suffix, 0)]
    loose = SectionChoice(last.form.replace("*", ANY_SECTION) + suffix, 0 if strength is FeatureStrength.FIRM else 4)
    if last.form != "*":
        starts = {re.split(r"[-_.,;~]", text)[0] for text in texts} if last.form.startswith("*") else set()
        if len(starts) == 1 and len(texts) > 1 and all(len(re.findall(r"[-_.,;~]", text)) == 1 for text in texts):
            return [
                loose,
                SectionChoice(escape_literal(starts.pop()) + last.form[1:].replace("*", ANY_SECTION) + suffix, 1),
            ]
        return [loose]
    fewest = min(address.last.words for address in group)
    separators = {address.last.separator for address in group if address.last.words > 1}
    signs = "".join(sorted(separators, key="_+-".index)) or "-"
    dot = "" if suffix or any("." in text for text in texts) else "."
    word = f"[^/?#{dot}{signs}]+"
    choices = [loose]
    for words in range(2, min(fewest, 6) + 1):
        times = "+" if words == 2 else f"{{{words - 1},}}"
        run = f"{word}(?:{escape_literal(signs) if len(signs) == 1 else f'[{signs}]'}{word}){times}"
        cost = 0.3 + (words - SLUG_WORDS if words >= SLUG_WORDS else 1.5)
        choices.append(SectionChoice(run + suffix, cost))
    return choices


def _ends(group: Sequence[UrlFeatures], strength: FeatureStrength) -> list[SectionChoice]:
    """Return patterns for the end: anything may follow, or nothing."""
    if group[0].query:
        return [SectionChoice("", 0)]
    nothing = r"/?(?:\?|$)" if any("?" in address.url for address in group) else "/?$"
    nothing = nothing.removeprefix("/?") if group[0].suffix else nothing
    is_weak = strength is not FeatureStrength.FIRM
    return [SectionChoice("", 0.3 if is_weak else 0), SectionChoice(nothing, 0 if is_weak else 0.4)]
