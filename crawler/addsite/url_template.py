"""Addresses of one shape → the loosest pattern that accepts them and none of the other pages.

Loosest first: a section is any, a headline is any, the end is open. Each tightening has a price, and so has each page
that is no article and is accepted; the cheapest of all combinations is taken. The prices are in one unit, "as bad as one
literal section": a minimal description, by hand, for samples of three to ten addresses, where statistics would overfit.
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

_WRONG = 5.0  # the price of a page that is surely no article; it counts by its certainty


@dataclass(frozen=True, slots=True)
class UrlTemplate:
    """A pattern of the path, without the host. `wrong` are the pages that are no articles and yet accepted."""

    path: str
    price: float
    strength: FeatureStrength
    wrong: tuple[str, ...] = ()


def template_key(address: UrlFeatures) -> tuple[object, ...]:
    """Equal for addresses of one shape: the same marks at the same places, whatever the sections and words."""
    marks = tuple(part.form for part in address.before if part.form != "*")
    return marks, address.last.form, address.suffix, tuple(name.partition("=")[0] for name in address.query)


def url_template(group: Sequence[UrlFeatures], others: Mapping[str, float], host: str) -> UrlTemplate:
    """The cheapest template of a group of one shape. `others` maps URLs that are no articles to how sure that is, from 0
    to 1; `host` is the pattern of what stands before the path.
    """
    strength = min(address.strength for address in group)
    own = {address.url: 1.0 for address in group}
    places = list(_choices(group, strength))
    cheapest = [min(choices, key=lambda choice: choice.price) for choices in places]
    strays = _accepted(cheapest, others, host)
    places.insert(0, excluded_sections(group, strays))
    best: UrlTemplate | None = None
    for choices in product(*places):
        price = sum(choice.price for choice in choices)
        if best and price >= best.price:
            continue
        if len(_accepted(choices, own, host)) < len(own):
            continue
        wrong = _accepted(choices, others, host)
        price += _WRONG * sum(wrong.values())
        if best is None or price < best.price:
            best = UrlTemplate(_path(choices), price, strength, tuple(wrong))
    return best or UrlTemplate(_path(cheapest), 0, strength, tuple(strays))


def _path(choices: Iterable[SectionChoice]) -> str:
    return "".join(choice.text for choice in choices)


def _accepted(choices: Iterable[SectionChoice], others: Mapping[str, float], host: str) -> dict[str, float]:
    seen = re.compile(f"^https://{host}/{_path(choices)}")
    return {url: sure for url, sure in others.items() if seen.search(url)}


def _choices(group: Sequence[UrlFeatures], strength: FeatureStrength) -> Iterator[list[SectionChoice]]:
    """What may stand at each place of the pattern, from the host's slash on."""
    runs = [section_runs(address.before) for address in group]
    marks = [part.form for part in group[0].before if part.form != "*"]
    for place in range(len(marks) + 1):
        yield section_pattern([run[place] for run in runs], strength)
        if place < len(marks):
            yield [SectionChoice(marks[place].replace("*", ANY_SECTION) + "/", 0)]
    yield _tails(group, strength)
    yield _ends(group, strength)


def _tails(group: Sequence[UrlFeatures], strength: FeatureStrength) -> list[SectionChoice]:
    """The last segment: its words any, or so many of them."""
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
        led = {re.split(r"[-_.,;~]", text)[0] for text in texts} if last.form.startswith("*") else set()
        if len(led) == 1 and len(texts) > 1 and all(len(re.findall(r"[-_.,;~]", text)) == 1 for text in texts):
            return [
                loose,
                SectionChoice(escape_literal(led.pop()) + last.form[1:].replace("*", ANY_SECTION) + suffix, 1),
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
        price = 0.3 + (words - SLUG_WORDS if words >= SLUG_WORDS else 1.5)
        choices.append(SectionChoice(run + suffix, price))
    return choices


def _ends(group: Sequence[UrlFeatures], strength: FeatureStrength) -> list[SectionChoice]:
    """Whatever follows, or nothing."""
    if group[0].query:
        return [SectionChoice("", 0)]
    nothing = r"/?(?:\?|$)" if any("?" in address.url for address in group) else "/?$"
    nothing = nothing.removeprefix("/?") if group[0].suffix else nothing
    weak = strength is not FeatureStrength.FIRM
    return [SectionChoice("", 0.3 if weak else 0), SectionChoice(nothing, 0 if weak else 0.4)]
