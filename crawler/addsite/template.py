"""Addresses of one shape → the loosest pattern that accepts them and none of the other pages.

Loosest first: a section is any, a headline is any, the end is open. Each tightening has a price, and so has each page
that is no article and is accepted; the cheapest of all combinations is taken. The prices are in one unit, "as bad as one
literal section": a minimal description, by hand, for samples of three to ten addresses, where statistics would overfit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from crawler.addsite.marks import SLUG_WORDS, Address, Segment, Strength

ANY = "[^/?#]+"
_WRONG = 5.0  # the price of a page that is surely no article; it counts by its certainty
_MOST_NAMED = 5  # sections that are named in one pattern
# What kind of page follows, where a site says so in all its articles' addresses: no section, and worth a literal.
_KINDS = re.compile(r"articles?|artikel|artikkel|articulos?|articolo|story|stories|clanek|nota|beitrag", re.I)
# What fewer addresses have in common may be chance.
_FEW = 3


@dataclass(frozen=True, slots=True)
class Template:
    """A pattern of the path, without the host. `wrong` are the pages that are no articles and yet accepted."""

    path: str
    price: float
    strength: Strength
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Choice:
    text: str
    price: float


def key_of(address: Address) -> tuple[object, ...]:
    """Equal for addresses of one shape: the same marks at the same places, whatever the sections and words."""
    marks = tuple(part.form for part in address.before if part.form != "*")
    return marks, address.last.form, address.suffix, tuple(name.partition("=")[0] for name in address.query)


def template_of(group: Sequence[Address], others: Mapping[str, float], host: str) -> Template:
    """The cheapest template of a group of one shape. `others` maps URLs that are no articles to how sure that is, from 0
    to 1; `host` is the pattern of what stands before the path."""
    strength = min(address.strength for address in group)
    best: Template | None = None
    for choices in product(*_choices(group, others, strength)):
        price = sum(choice.price for choice in choices)
        if best and price >= best.price:
            continue
        path = "".join(choice.text for choice in choices)
        seen = re.compile(f"^https://{host}/{path}")
        wrong = {url: sure for url, sure in others.items() if seen.search(url)}
        price += _WRONG * sum(wrong.values())
        if best is None or price < best.price:
            best = Template(path, price, strength, tuple(wrong))
    assert best is not None
    return best


def _choices(group: Sequence[Address], others: Mapping[str, float], strength: Strength) -> Iterator[list[_Choice]]:
    """What may stand at each place of the pattern, from the host's slash on."""
    runs = [_runs(address.before) for address in group]
    marks = [part.form for part in group[0].before if part.form != "*"]
    for place in range(len(marks) + 1):
        yield _sections([run[place] for run in runs], _first_sections(others) if place == 0 else (), strength)
        if place < len(marks):
            yield [_Choice(marks[place].replace("*", ANY) + "/", 0)]
    yield _tails(group, strength)
    yield _ends(group, strength)


def _runs(before: Sequence[Segment]) -> list[tuple[str, ...]]:
    """The sections between the marks of a path."""
    runs: list[tuple[str, ...]] = [()]
    for segment in before:
        if segment.form == "*":
            runs[-1] += (segment.text,)
        else:
            runs.append(())
    return runs


def _first_sections(others: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(parts[3] for url in others if len(parts := url.split("/")) > 4 and parts[3]))


def _sections(runs: Sequence[tuple[str, ...]], elsewhere: Sequence[str], strength: Strength) -> list[_Choice]:
    """Any sections; those that all have by name; one of several by name; all but those of other pages."""
    if not any(runs):
        return [_Choice("", 0)]
    choices = [_Choice(_any_of(runs), 0)]
    firsts = sorted({run[0] for run in runs if run})
    strange = [name for name in elsewhere if name not in firsts]
    for count in range(1, min(len(strange), _MOST_NAMED) + 1):
        named = "|".join(f"{_plain(name)}/" for name in strange[:count])
        choices.append(_Choice(f"(?!{named}){choices[0].text}", 1 + 0.5 * count))
    if not all(runs):
        return choices
    telling = -0.5 if strength is not Strength.FIRM and len(runs) > 1 else 0.5
    if shared := _shared(runs):
        price = telling if any(map(_KINDS.fullmatch, shared)) else 1 + 0.5 * len(shared)
        named = "".join(f"{_plain(name)}/" for name in shared)
        choices.append(_Choice(named + _any_of([run[len(shared) :] for run in runs]), price))
    last = {run[-1] for run in runs}
    if len(last) == 1 and not shared and _KINDS.fullmatch(name := last.pop()):
        choices.append(_Choice(f"{_any_of([run[:-1] for run in runs])}{_plain(name)}/", telling))
    if 1 < len(firsts) <= _MOST_NAMED:
        tail = f"(?:{ANY}/)*" if any(len(run) > 1 for run in runs) else ""
        choices.append(_Choice(f"(?:{'|'.join(map(_plain, firsts))})/{tail}", 2 + 0.5 * len(firsts)))
    return choices


def _any_of(runs: Sequence[tuple[str, ...]]) -> str:
    """As many sections as there are; where few addresses have told, as many as you like."""
    depths = {len(run) for run in runs}
    if depths == {0}:
        return ""
    if len(runs) < _FEW or 0 in depths:
        return f"(?:{ANY}/)*"
    return f"{ANY}/" if depths == {1} else f"(?:{ANY}/)+"


def _shared(runs: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    shared: list[str] = []
    for names in zip(*runs, strict=False):
        if len(set(names)) > 1 or len(names[0].split("-")) >= SLUG_WORDS + 2:
            break
        shared.append(names[0])
    return tuple(shared)


def _tails(group: Sequence[Address], strength: Strength) -> list[_Choice]:
    """The last segment: its words any, or so many of them."""
    last, suffix = group[0].last, re.escape(group[0].suffix)
    texts = {address.last.text for address in group}
    if group[0].query:
        name = _plain(last.text) if len(texts) == 1 else ANY
        pairs = "&(?:[^#]*&)?".join(re.sub(r"\[0-9\]", r"\\d", pair) for pair in group[0].query)
        slash = "/?" if not suffix else ""
        return [_Choice(rf"{name}{suffix}{slash}\?(?:[^#]*&)?{pairs}", 0)]
    if "*" not in last.form:
        return [_Choice(last.form + suffix, 0)]
    loose = _Choice(last.form.replace("*", ANY) + suffix, 0 if strength is Strength.FIRM else 4)
    if last.form != "*":
        return [loose]
    fewest = min(address.last.words for address in group)
    separator = max((address.last.separator for address in group), key=[a.last.separator for a in group].count)
    plain = "/?#" if suffix or any("." in text for text in texts) else "/?#."
    choices = [loose]
    for words in range(2, min(fewest, 6) + 1):
        sign = re.escape(separator)
        run = f"[^{plain}{sign}]+(?:{separator.replace('+', sign)}[^{plain}{sign}]+){'+' if words == 2 else f'{{{words - 1},}}'}"
        price = 0.3 + (words - SLUG_WORDS if words >= SLUG_WORDS else 1.5)
        choices.append(_Choice(run + suffix, price))
    return choices


def _ends(group: Sequence[Address], strength: Strength) -> list[_Choice]:
    """Whatever follows, or nothing."""
    if group[0].query:
        return [_Choice("", 0)]
    nothing = r"/?(?:\?|$)" if any("?" in address.url for address in group) else "/?$"
    nothing = nothing.removeprefix("/?") if group[0].suffix else nothing
    weak = strength is not Strength.FIRM
    return [_Choice("", 0.3 if weak else 0), _Choice(nothing, 0 if weak else 0.4)]


def _plain(text: str) -> str:
    """`text` as a pattern of itself, its hyphens as they are."""
    return re.escape(text).replace("\\-", "-")
