"""Learn what is normal for a site from earlier observations: medians, and how far its days deviate from them.

Days with too few articles are skipped or combined. Callers leave out runs with an active alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import comb, exp, log, sqrt
from statistics import fmean, median

from output.monitoring.observation import Observation

# Turns a median absolute deviation into a standard deviation, for a normal distribution.
_SIGMA = 1.4826
# With fewer than both of these there is no baseline.
_LEAST_RUNS, _LEAST_ARTICLES = 5, 20
# Even a faultless site has an odd page now and then.
_MOST_SHARE = 0.965
_LEAST_DEVIATION = 0.01
# The least that text lengths of one site vary, in natural logarithms.
_LEAST_LENGTH_SIGMA = 0.2
_DAY_OF_LENGTHS = 5
# A normal day of short texts, in logarithms: a quarter shorter. With a larger allowance no text would be too short.
_LOW_DAY, _LOWEST_DAY = 0.25, 0.3
# Numbers of days that contain one Sunday, and three.
_DAYS_OF_A_LOW, _DAYS_OF_THREE = 7, 21
# How far the share of an unusual weekday may deviate, in standard deviations of one page.
_UNLIKE_DAY = 0.4
# The fewest pages that show a share.
_PAGES_OF_A_SHARE = 5

Part = Callable[[Observation], int]


@dataclass(frozen=True, slots=True)
class LengthBaseline:
    """Hold a site's text lengths in characters: the typical one, and that of a normal day of short texts (a Sunday).

    `sigma` is the standard deviation of single texts, in natural logarithms.
    """

    typical: float
    low: float
    sigma: float


def has_baseline(history: Sequence[Observation], whole: Part) -> bool:
    """Tell whether the history is long enough to learn from."""
    runs = sum(1 for one in history if whole(one))
    return runs >= _LEAST_RUNS or sum(whole(one) for one in history) >= _LEAST_ARTICLES


def days_of(history: Sequence[Observation]) -> list[list[Observation]]:
    """Group observations, oldest first, by day."""
    return [list(day) for _, day in groupby(history, key=lambda one: one.at.date())]


def baseline_share(history: Sequence[Observation], part: Part, whole: Part) -> tuple[float, float] | None:
    """Return a share as it usually is and the lowest of a normal day, or None if the history is too short."""
    if not has_baseline(history, whole):
        return None
    total = sum(map(whole, history))
    share = sum(map(part, history)) / total
    chance = share * (1 - share)
    shares = _shares(history, part, whole)
    daily = [one for one, _ in shares]
    middle = median(daily) if len(daily) >= 3 else share
    # Days vary by chance; only what exceeds it is the site's own variation. A short history may be off, too.
    excess = _excess_deviation(daily, chance / fmean(count for _, count in shares)) if shares else 0.0
    low = min(middle, share) - 3 * max(excess, _LEAST_DEVIATION) - 2 * sqrt(chance / total)
    # A weekday may be unlike the others, whether or not the history contains one.
    unlike = _UNLIKE_DAY * sqrt(chance)
    low = min(low, max(_lowest(daily), low - 2 * unlike)) if len(daily) >= _DAYS_OF_A_LOW else low - unlike
    return middle, max(0.0, min(low, _MOST_SHARE))


def baseline_most(history: Sequence[Observation], part: Part, whole: Part) -> tuple[float, float] | None:
    """Return a share as it usually is and the highest of a normal day, or None if the history is too short."""
    if sum(map(whole, history)) < _LEAST_ARTICLES:
        return None
    shares = [share for share, _ in _shares(history, part, whole)]
    middle = median(shares) if shares else sum(map(part, history)) / sum(map(whole, history))
    return middle, middle + 5 * deviation(shares)


def baseline_lengths(history: Sequence[Observation]) -> LengthBaseline | None:
    """Return how long texts usually are, or None if the history is too short."""
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
        # The lowest of many days is low by chance, too: by nearly two standard errors of a median.
        chance = 1.8 * 1.25 * sigma / sqrt(fmean(len(day) for day in days if len(day) >= _DAY_OF_LENGTHS))
        below = sqrt(max(0.0, (middle - _lowest(medians)) ** 2 - chance**2))
    else:
        below = _LOW_DAY
    return LengthBaseline(exp(middle), exp(middle - min(below, _LOWEST_DAY)), sigma)


def deviation(values: Sequence[float]) -> float:
    """Return a robust standard deviation, with a lower limit."""
    if len(values) < 3:
        return 0.05
    middle = median(values)
    return max(_SIGMA * median(abs(value - middle) for value in values), _LEAST_DEVIATION)


def chance_of_at_most(count: int, tries: int, share: float) -> float:
    """Return the probability of so few by chance: the lower tail of the binomial distribution."""
    return sum(comb(tries, k) * share**k * (1 - share) ** (tries - k) for k in range(count + 1))


def _lowest(values: Sequence[float]) -> float:
    """Return the lowest day; of three weeks or more the second lowest, as one day may have been exceptional."""
    return sorted(values)[len(values) >= _DAYS_OF_THREE]


def _excess_deviation(values: Sequence[float], chance: float) -> float:
    """Return the deviation beyond the variance due to chance."""
    return sqrt(max(0.0, deviation(values) ** 2 - chance))


def _shares(history: Sequence[Observation], part: Part, whole: Part) -> list[tuple[float, int]]:
    """Return each day's share and its number of pages; days with few pages are combined with those after them."""
    shares: list[tuple[float, int]] = []
    some = total = 0
    for day in days_of(history):
        some, total = some + sum(map(part, day)), total + sum(map(whole, day))
        if total >= _PAGES_OF_A_SHARE:
            shares.append((some / total, total))
            some = total = 0
    return shares
