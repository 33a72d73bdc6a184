"""What is usual at an outlet, learned from what earlier runs saw: medians, and how far its days stray from them.

A day with too few articles says nothing. Runs during which an alarm was on are left out by whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from math import comb, exp, log, sqrt
from statistics import fmean, median

from output.monitoring.observation import Observation

# Turns a median absolute deviation into a standard deviation, for what is normally distributed.
_SIGMA = 1.4826
# Fewer than both of these, and nothing is known to be usual.
_LEAST_RUNS, _LEAST_ARTICLES = 5, 20
# Even a faultless outlet has its odd page now and then.
_MOST_SHARE = 0.965
_LEAST_STRAY = 0.01
# Texts of one outlet differ in length by at least so much, in natural logarithms.
_LEAST_LENGTH_SIGMA = 0.2
_DAY_OF_LENGTHS = 5
# A day of short texts, in logarithms: a quarter shorter. Were days to differ by much more, none would ever be too short.
_LOW_DAY, _LOWEST_DAY = 0.25, 0.3
# Days of which one is a Sunday; of so many, three.
_DAYS_OF_A_LOW, _DAYS_OF_THREE = 7, 21
# How far such a day's share may be off, in standard deviations of one page.
_UNLIKE_DAY = 0.4
# Days that tell whether an outlet keeps to its pace, and the most that is believed of it.
_DAYS_OF_SCATTER, _LEAST_SCATTER = 14, 0.5
# Pages that show a share at all.
_PAGES_OF_A_SHARE = 5

Part = Callable[[Observation], int]


@dataclass(frozen=True, slots=True)
class Lengths:
    """Text lengths in characters: the median, and that of an ordinary day of short texts, such as a Sunday; `sigma` is
    how texts stray, in natural logarithms.
    """

    middle: float
    low: float
    sigma: float


def has_baseline(history: Sequence[Observation], whole: Part) -> bool:
    """Is there enough to learn from?"""
    runs = sum(1 for one in history if whole(one))
    return runs >= _LEAST_RUNS or sum(whole(one) for one in history) >= _LEAST_ARTICLES


def days_of(history: Sequence[Observation]) -> list[list[Observation]]:
    """The observations, oldest first, by day."""
    return [list(day) for _, day in groupby(history, key=lambda one: one.at.date())]


def baseline_share(history: Sequence[Observation], part: Part, whole: Part) -> tuple[float, float] | None:
    """A share as it usually is, and the lowest that an ordinary day shows; None where too little is known."""
    if not has_baseline(history, whole):
        return None
    total = sum(map(whole, history))
    share = sum(map(part, history)) / total
    chance = share * (1 - share)
    shares = _shares(history, part, whole)
    daily = [one for one, _ in shares]
    middle = median(daily) if len(daily) >= 3 else share
    # Days stray by chance alone; only what goes beyond it is the outlet's. What little is known may be off, too.
    beyond = _beyond(daily, chance / fmean(count for _, count in shares)) if shares else 0.0
    low = min(middle, share) - 3 * max(beyond, _LEAST_STRAY) - 2 * sqrt(chance / total)
    # A day of the week may be unlike the others: it was seen, or it may be still to come.
    unlike = _UNLIKE_DAY * sqrt(chance)
    low = min(low, max(_low(daily), low - 2 * unlike)) if len(daily) >= _DAYS_OF_A_LOW else low - unlike
    return middle, max(0.0, min(low, _MOST_SHARE))


def baseline_most(history: Sequence[Observation], part: Part, whole: Part) -> tuple[float, float] | None:
    """A share as it usually is, and the highest that an ordinary day shows; None where too little is known."""
    if sum(map(whole, history)) < _LEAST_ARTICLES:
        return None
    shares = [share for share, _ in _shares(history, part, whole)]
    middle = median(shares) if shares else sum(map(part, history)) / sum(map(whole, history))
    return middle, middle + 5 * deviation(shares)


def baseline_lengths(history: Sequence[Observation]) -> Lengths | None:
    """How long texts are; None where too little is known."""
    if not has_baseline(history, lambda one: one.articles):
        return None
    logs = [log(max(length, 1)) for one in history for length in one.lengths]
    if not logs:
        return None
    days = [[log(max(length, 1)) for one in day for length in one.lengths] for day in days_of(history)]
    medians = [median(day) for day in days if len(day) >= _DAY_OF_LENGTHS]
    middle = median(logs)
    sigma = max(_SIGMA * median(abs(one - middle) for one in logs), _LEAST_LENGTH_SIGMA)
    if len(medians) >= _DAYS_OF_A_LOW:
        # The lowest of many days is low by chance, too, by nearly two standard errors of a median.
        chance = 1.8 * 1.25 * sigma / sqrt(fmean(len(day) for day in days if len(day) >= _DAY_OF_LENGTHS))
        below = sqrt(max(0.0, (middle - _low(medians)) ** 2 - chance**2))
    else:
        below = _LOW_DAY
    return Lengths(exp(middle), exp(middle - min(below, _LOWEST_DAY)), sigma)


def deviation(values: Sequence[float]) -> float:
    """A robust standard deviation, with a floor."""
    if len(values) < 3:
        return 0.05
    middle = median(values)
    return max(_SIGMA * median(abs(value - middle) for value in values), _LEAST_STRAY)


def chance_of_at_most(count: int, tries: int, share: float) -> float:
    """How likely so few are by mere chance: the lower tail of the binomial distribution."""
    return sum(comb(tries, k) * share**k * (1 - share) ** (tries - k) for k in range(count + 1))


@dataclass(frozen=True, slots=True)
class PublishingPace:
    """How many of something an outlet has on each day of the week (Monday first), and since when that is known.

    `scatter`: the variance of these counts over their mean; 1 is mere chance, and less is an outlet that keeps to its pace.
    """

    by_weekday: tuple[float, ...]
    days: int
    scatter: float = 1.0

    def expected(self, start: datetime, end: datetime) -> float:
        """How many there should be between two moments. It goes by days: a night alone says little."""
        total, at = 0.0, start
        while at < end:
            midnight = (at + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            until = min(midnight, end)
            total += self.by_weekday[at.weekday()] * ((until - at) / timedelta(days=1))
            at = until
        return total


def publishing_pace(history: Sequence[Observation], count: Part) -> PublishingPace:
    """An outlet's pace, from whole days: neither that of its first run, which finds a backlog, nor the last one.

    A day of the week that was never seen is taken to be quiet: nothing is missed on it.
    """
    counts: dict[int, list[int]] = {}
    usual = [one for one in history if not one.first]
    if not usual:
        return PublishingPace((0.0,) * 7, 0)
    by_day = {day[0].at.date(): sum(map(count, day)) for day in days_of(usual)}
    day, last, days = min(by_day), max(by_day), 0
    while day < last:
        counts.setdefault(day.weekday(), []).append(by_day.get(day, 0))
        day, days = day + timedelta(days=1), days + 1
    by_weekday = _by_weekday(counts)
    return PublishingPace(by_weekday, days, _scatter(by_weekday, counts))


def _scatter(by_weekday: Sequence[float], counts: Mapping[int, Sequence[int]]) -> float:
    """The variance of days' counts over their mean (index of dispersion), by two of its standard errors more than was
    seen (Cox and Lewis, "The Statistical Analysis of Series of Events", 1966, 6.3); 1 where too little is known.
    """
    days = [(count, by_weekday[weekday]) for weekday, known in counts.items() for count in known]
    mean = fmean(count for count, _ in days) if days else 0.0
    if len(days) < _DAYS_OF_SCATTER or not mean:
        return 1.0
    seen = sum((count - usual) ** 2 for count, usual in days) / (len(days) - 1) / mean
    return min(1.0, max(_LEAST_SCATTER, seen * (1 + 2 * sqrt(2 / (len(days) - 1)))))


def _by_weekday(counts: Mapping[int, Sequence[int]]) -> tuple[float, ...]:
    """What each day of the week brings; those that differ little are taken as one, for then each is known better."""
    means = {weekday: _typical(known) for weekday, known in counts.items()}
    middle = median(means.values()) if means else 0.0
    alike = [mean for mean in means.values() if middle / 2 <= mean <= middle * 2]
    return tuple(fmean(alike) if (mean := means.get(weekday, 0.0)) in alike else mean for weekday in range(7))


def _typical(counts: Sequence[int]) -> float:
    """The mean, that counts what is rare; but one great day is not what is usual."""
    return min(fmean(counts), 2 * median(counts) + 1)


def _low(values: Sequence[float]) -> float:
    """The lowest day; of three weeks the next to lowest, for any day may have been an odd one."""
    return sorted(values)[len(values) >= _DAYS_OF_THREE]


def _beyond(values: Sequence[float], chance: float) -> float:
    """How far values stray beyond the variance that chance gives them."""
    return sqrt(max(0.0, deviation(values) ** 2 - chance))


def _shares(history: Sequence[Observation], part: Part, whole: Part) -> list[tuple[float, int]]:
    """The share and of how many, day by day; days with few pages go together with those after them."""
    shares: list[tuple[float, int]] = []
    some = total = 0
    for day in days_of(history):
        some, total = some + sum(map(part, day)), total + sum(map(whole, day))
        if total >= _PAGES_OF_A_SHARE:
            shares.append((some / total, total))
            some = total = 0
    return shares
