"""What a run's pages are held against: shares, text lengths, dropped blocks. Each check gives an Alarm, FINE, or None
where it cannot tell.

A run may have one page only, so the pages of the runs just before it are taken together with its own, as few runs as
show that it is no mere chance; a run that is itself fine is never alarmed about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import log, sqrt
from statistics import fmean, median
from typing import TYPE_CHECKING

from output.monitoring.baseline import Part, baseline_lengths, baseline_most, baseline_share, chance_of_at_most
from output.monitoring.observation import Observation, Symptom, combine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# At most so many runs are taken together, and none beyond so many pages.
_MOST_RUNS, _MOST_PAGES = 8, 40
# Three pages out of three at an outlet that hardly ever fails (0.035 ** 3).
_CHANCE = 5e-5
# Below this part of the lowest ordinary share a run is no ordinary one.
_FALL = 0.7
# Texts: "halved", with room for chance, and back to what they were; and the standard errors that it takes.
_SHORTER, _LONG_ENOUGH, _ERRORS = 0.67, 0.8, 3.5
# A kind of clutter takes so much more of all blocks than it used to.
_MORE = 0.3
_LEAST_PAGES = 3
_LEAST_PAGES_OF_A_BOUND = 5


@dataclass(frozen=True, slots=True)
class Alarm:
    """`text` is a sentence for whoever is woken by it; `value` was seen where `expected` is usual, or the bound."""

    site: str
    symptom: Symptom
    text: str
    value: float
    expected: float


@dataclass(frozen=True, slots=True)
class Fine:
    """It was looked at, and it fits."""


AS_USUAL = Fine()
Finding = Alarm | Fine | None

_HAPPENED = {
    Symptom.LOST_ARTICLES: "its pages no longer give articles",
    Symptom.EMPTY_TITLES: "its articles no longer say their titles",
    Symptom.EMPTY_DATES: "its articles no longer say their dates",
    Symptom.EMPTY_AUTHORS: "its articles no longer say their authors",
}
_LOOK = "The pages have probably been redesigned: run `scrapy explain` on a new one"


def check_share(
    symptom: Symptom, seen: Observation, usual: Sequence[Observation], bound: float | None, part: Part, whole: Part
) -> Finding:
    """Has a share of this outlet's pages collapsed?"""
    if not whole(seen):
        return None
    known = baseline_share(usual, part, whole) if bound is None else (bound, bound)
    if known is None:
        return None
    if part(seen) / whole(seen) >= known[1] * (_FALL if bound is None else 1):
        return AS_USUAL
    for recent, before in _windows(seen, usual):
        least = baseline_share(before, part, whole) if bound is None else known
        if least is None:
            return None
        some, all_of_it = part(recent), whole(recent)
        share = some / all_of_it
        if bound is not None:
            low = all_of_it >= _LEAST_PAGES_OF_A_BOUND and share < bound
        else:
            low = all_of_it >= _LEAST_PAGES and share < least[1] * _FALL
            low = low and chance_of_at_most(some, all_of_it, least[1]) < _CHANCE
        if low:
            return _share_alarm(symptom, seen.site, some, all_of_it, least[0], learned=bound is None)
    return None


def _share_alarm(symptom: Symptom, site: str, some: int, total: int, expected: float, *, learned: bool) -> Alarm:
    usually = f"usually {expected:.0%}" if learned else f"[expect] in its profile says {expected:.0%} at least"
    text = f"{site}: {_HAPPENED[symptom]}: {some} of the last {total} did, {usually}. {_LOOK}."
    return Alarm(site, symptom, text, round(some / total, 3), round(expected, 3))


def check_lengths(seen: Observation, usual: Sequence[Observation], bound: float | None) -> Finding:
    """Have the texts become much shorter?"""
    if not seen.lengths:
        return None
    known = baseline_lengths(usual)
    least = bound if bound is not None else known.middle * _LONG_ENOUGH if known else None
    if least is None:
        return None
    if median(seen.lengths) >= least:
        return AS_USUAL
    # Who looks often sees more of what chance can do.
    often = 1 + sum(1 for one in usual if one.articles and one.at > seen.at - timedelta(days=1))
    errors = sqrt(_ERRORS**2 + 3 * log(often))
    for recent, before in _windows(seen, usual):
        known = baseline_lengths(before)
        middle, count = median(recent.lengths), len(recent.lengths)
        if bound is not None:
            short, expected = count >= _LEAST_PAGES_OF_A_BOUND and middle < bound, bound
        elif known is None:
            return None
        else:
            expected = known.middle
            # One very short text is one text: how far it is off counts no more than three times the usual.
            off = [max(-3.0, min(3.0, log(max(one, 1) / known.low) / known.sigma)) for one in recent.lengths]
            short = count >= _LEAST_PAGES and middle < expected * _SHORTER and fmean(off) < -errors / sqrt(count)
        if short:
            return _length_alarm(seen.site, middle, count, expected, learned=bound is None)
    return None


def _length_alarm(site: str, middle: float, count: int, expected: float, *, learned: bool) -> Alarm:
    usually = "usually" if learned else "[expect] in its profile says at least"
    text = (
        f"{site}: its texts have become much shorter: a typical one of the last {count} has {middle:.0f} characters, "
        f"{usually} {expected:.0f}. Parts of the articles are probably lost: run `scrapy explain` on a new one."
    )
    return Alarm(site, Symptom.SHORT_TEXTS, text, round(middle), round(expected))


def check_blocks(seen: Observation, usual: Sequence[Observation], bounds: Mapping[str, float]) -> Finding:
    """Does a kind of clutter take much more of the pages than it used to?"""
    if not seen.blocks:
        return None
    found: Finding = AS_USUAL
    for kind in sorted(seen.removed):
        one = _of_kind(kind, seen, usual, bounds.get(kind))
        if isinstance(one, Alarm):
            return one
        found = found if one else None
    return found


def _of_kind(kind: str, seen: Observation, usual: Sequence[Observation], bound: float | None) -> Finding:
    share = seen.removed[kind] / seen.blocks
    if share <= (_MORE if bound is None else bound):
        return AS_USUAL
    for recent, before in _windows(seen, usual):
        known = baseline_most(before, lambda one: one.removed.get(kind, 0), lambda one: one.blocks)
        if bound is not None:
            most = expected = bound
        elif known is None:
            return None
        else:
            expected, most = known[0], max(known[1], known[0] + _MORE)
        if share <= most:
            return AS_USUAL
        now = recent.removed.get(kind, 0) / recent.blocks
        if recent.articles >= _LEAST_PAGES_OF_A_BOUND and now > most:
            usually = (
                f"usually {expected:.0%}" if bound is None else f"[expect] in its profile says {bound:.0%} at most"
            )
            text = (
                f"{seen.site}: much more is taken out as {kind}: {now:.0%} of all blocks of the last {recent.articles} "
                f"articles, {usually}. A rule probably takes text for clutter: run `scrapy explain` on a new one."
            )
            return Alarm(seen.site, Symptom.MORE_DROPPED, text, round(now, 3), round(expected, 3))
    return None


def _windows(seen: Observation, usual: Sequence[Observation]) -> Iterator[tuple[Observation, Sequence[Observation]]]:
    """The run alone, with the one before it that had pages, and so on: each with what was before all of them."""
    recent, before = [seen], list(usual)
    while True:
        yield (combine(recent) if len(recent) > 1 else seen), before
        while before and not before[-1].pages:
            before.pop()
        if not before or len(recent) >= _MOST_RUNS:
            return
        recent.insert(0, before.pop())
        if sum(one.pages for one in recent) > _MOST_PAGES:
            return
