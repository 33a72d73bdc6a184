"""Check a run's pages against the baseline: shares, text lengths, dropped blocks.

Each check returns an Alarm, NORMAL, or None if it cannot judge. A run may have a single page, so the pages of the runs
just before it are added to its own, as few runs as rule out chance. A run that is itself normal never raises an alarm.
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

# At most this many runs are combined, and none beyond this many pages.
_MOST_RUNS, _MOST_PAGES = 8, 40
# Three failures out of three on a site that hardly ever fails (0.035 ** 3).
_CHANCE = 5e-5
# A share below this part of the lowest normal share is not normal.
_FALL = 0.7
# Text lengths, as parts of the expected one: "halved", with room for chance, and back to normal; and the deviation, in
# standard errors, that raises an alarm.
_SHORTER, _LONG_ENOUGH, _ERRORS = 0.67, 0.8, 3.5
# How much a kind's share of all blocks must grow.
_MORE = 0.3
_LEAST_PAGES = 3
_LEAST_PAGES_OF_A_BOUND = 5


@dataclass(frozen=True, slots=True)
class Alarm:
    """Describe a deviation: a sentence for a person, and the `value` observed where `expected` is normal or the bound."""

    site: str
    symptom: Symptom
    text: str
    value: float
    expected: float


@dataclass(frozen=True, slots=True)
class Normal:
    """Mark a check that could judge the run and found no deviation."""


NORMAL = Normal()
Finding = Alarm | Normal | None

_DESCRIPTIONS = {
    Symptom.LOST_ARTICLES: "its pages no longer yield articles",
    Symptom.EMPTY_TITLES: "its articles no longer have titles",
    Symptom.EMPTY_DATES: "its articles no longer have dates",
    Symptom.EMPTY_AUTHORS: "its articles no longer name authors",
}
_REDESIGNED = "The pages have probably been redesigned: run `scrapy explain` on a new one"


def check_share(
    symptom: Symptom,
    observation: Observation,
    history: Sequence[Observation],
    bound: float | None,
    part: Part,
    whole: Part,
) -> Finding:
    """Check whether `part` of `whole`, a share of the site's pages, has collapsed. `bound` is the least share."""
    if not whole(observation):
        return None
    known = baseline_share(history, part, whole) if bound is None else (bound, bound)
    if known is None:
        return None
    if part(observation) / whole(observation) >= known[1] * (_FALL if bound is None else 1):
        return NORMAL
    for recent, before in _windows(observation, history):
        least = baseline_share(before, part, whole) if bound is None else known
        if least is None:
            return None
        some, total = part(recent), whole(recent)
        share = some / total
        if bound is not None:
            low = total >= _LEAST_PAGES_OF_A_BOUND and share < bound
        else:
            low = total >= _LEAST_PAGES and share < least[1] * _FALL
            low = low and chance_of_at_most(some, total, least[1]) < _CHANCE
        if low:
            return _share_alarm(symptom, observation.site, some, total, least[0], learned=bound is None)
    return None


def _share_alarm(symptom: Symptom, site: str, some: int, total: int, expected: float, *, learned: bool) -> Alarm:
    usually = f"usually {expected:.0%}" if learned else f"[expect] in its profile says {expected:.0%} at least"
    text = f"{site}: {_DESCRIPTIONS[symptom]}: {some} of the last {total} did, {usually}. {_REDESIGNED}."
    return Alarm(site, symptom, text, round(some / total, 3), round(expected, 3))


def check_lengths(observation: Observation, history: Sequence[Observation], bound: float | None) -> Finding:
    """Check whether the texts have become much shorter. `bound` is the least median, in characters."""
    if not observation.lengths:
        return None
    known = baseline_lengths(history)
    least = bound if bound is not None else known.typical * _LONG_ENOUGH if known else None
    if least is None:
        return None
    if median(observation.lengths) >= least:
        return NORMAL
    # Frequent checks run into chance more often, so they need more evidence.
    checks_a_day = 1 + sum(1 for one in history if one.articles and one.at > observation.at - timedelta(days=1))
    errors = sqrt(_ERRORS**2 + 3 * log(checks_a_day))
    for recent, before in _windows(observation, history):
        known = baseline_lengths(before)
        middle, count = median(recent.lengths), len(recent.lengths)
        if bound is not None:
            short, expected = count >= _LEAST_PAGES_OF_A_BOUND and middle < bound, bound
        elif known is None:
            return None
        else:
            expected = known.typical
            # A single very short text must not decide: no deviation counts for more than three.
            deviations = [max(-3.0, min(3.0, log(max(one, 1) / known.low) / known.sigma)) for one in recent.lengths]
            short = count >= _LEAST_PAGES and middle < expected * _SHORTER and fmean(deviations) < -errors / sqrt(count)
        if short:
            return _length_alarm(observation.site, middle, count, expected, learned=bound is None)
    return None


def _length_alarm(site: str, middle: float, count: int, expected: float, *, learned: bool) -> Alarm:
    usually = "usually" if learned else "[expect] in its profile says at least"
    text = (
        f"{site}: its texts have become much shorter: a typical one of the last {count} has {middle:.0f} characters, "
        f"{usually} {expected:.0f}. Parts of the articles are probably lost: run `scrapy explain` on a new one."
    )
    return Alarm(site, Symptom.SHORT_TEXTS, text, round(middle), round(expected))


def check_blocks(observation: Observation, history: Sequence[Observation], bounds: Mapping[str, float]) -> Finding:
    """Check whether a kind of clutter takes a much larger share of the blocks. `bounds` are upper limits by kind."""
    if not observation.blocks:
        return None
    found: Finding = NORMAL
    for kind in sorted(observation.removed):
        one = _check_kind(kind, observation, history, bounds.get(kind))
        if isinstance(one, Alarm):
            return one
        found = found if one else None
    return found


def _check_kind(kind: str, observation: Observation, history: Sequence[Observation], bound: float | None) -> Finding:
    share = observation.removed[kind] / observation.blocks
    if share <= (_MORE if bound is None else bound):
        return NORMAL
    for recent, before in _windows(observation, history):
        known = baseline_most(before, lambda one: one.removed.get(kind, 0), lambda one: one.blocks)
        if bound is not None:
            most = expected = bound
        elif known is None:
            return None
        else:
            expected, most = known[0], max(known[1], known[0] + _MORE)
        if share <= most:
            return NORMAL
        now = recent.removed.get(kind, 0) / recent.blocks
        if recent.articles >= _LEAST_PAGES_OF_A_BOUND and now > most:
            usually = (
                f"usually {expected:.0%}" if bound is None else f"[expect] in its profile says {bound:.0%} at most"
            )
            text = (
                f"{observation.site}: much more is dropped as {kind}: {now:.0%} of all blocks of the last {recent.articles} "
                f"articles, {usually}. A rule probably mistakes text for clutter: run `scrapy explain` on a new one."
            )
            return Alarm(observation.site, Symptom.MORE_DROPPED, text, round(now, 3), round(expected, 3))
    return None


def _windows(
    observation: Observation, history: Sequence[Observation]
) -> Iterator[tuple[Observation, Sequence[Observation]]]:
    """Yield the run alone, then with the last run before it that had pages, and so on, each with its history."""
    recent, before = [observation], list(history)
    while True:
        yield (combine(recent) if len(recent) > 1 else observation), before
        while before and not before[-1].pages:
            before.pop()
        if not before or len(recent) >= _MOST_RUNS:
            return
        recent.insert(0, before.pop())
        if sum(one.pages for one in recent) > _MOST_PAGES:
            return
