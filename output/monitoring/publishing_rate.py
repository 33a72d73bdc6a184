"""Learn how much a site publishes on each weekday, and check for silence and for too few articles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from statistics import fmean, median
from typing import TYPE_CHECKING

from output.monitoring.baseline import Part, days_of
from output.monitoring.checks import NORMAL, Alarm, Finding
from output.monitoring.observation import Observation, Symptom, last_found

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Days needed to learn how regularly a site publishes, and the lowest dispersion it is credited with.
_DAYS_OF_DISPERSION, _LEAST_DISPERSION = 14, 0.5
# A silence must be this many times the longest normal one, in hours or in articles missed.
_LONGER = 1.75
# Shorter silences are nights. Seven missed articles are chance once in a thousand (e^-7); a regular site needs fewer.
_LEAST_SILENCE, _LEAST_MISSED = timedelta(hours=20), 7.0
_LEAST_FINDS, _LEAST_DAYS = 5, 3
# Few articles: under a fifth of what two such days usually bring, provided that this is enough to judge. In a fortnight
# each weekday occurs twice.
_SPAN, _FEW, _LEAST_EXPECTED, _LEAST_DAYS_OF_FEW = timedelta(days=2), 0.2, 16.0, 14


@dataclass(frozen=True, slots=True)
class PublishingRate:
    """Hold how many of something a site has on each weekday (Monday first), and from how many days that was learned.

    `dispersion` is the variance of these counts over their mean: 1 is pure chance, less is a site that publishes
    regularly.
    """

    by_weekday: tuple[float, ...]
    days: int
    dispersion: float = 1.0

    def expected(self, start: datetime, end: datetime) -> float:
        """Return how many there should be between two times. A part of a day counts by its length alone."""
        total, at = 0.0, start
        while at < end:
            midnight = (at + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            until = min(midnight, end)
            total += self.by_weekday[at.weekday()] * ((until - at) / timedelta(days=1))
            at = until
        return total


def learn_publishing_rate(history: Sequence[Observation], count: Part) -> PublishingRate:
    """Learn a site's rate from whole days: without its first run, which finds a backlog, and without the last day.

    A weekday that never occurred is assumed to bring nothing, so that nothing is missed on it.
    """
    counts: dict[int, list[int]] = {}
    usual = [one for one in history if not one.first]
    if not usual:
        return PublishingRate((0.0,) * 7, 0)
    by_day = {day[0].at.date(): sum(map(count, day)) for day in days_of(usual)}
    day, last, days = min(by_day), max(by_day), 0
    while day < last:
        counts.setdefault(day.weekday(), []).append(by_day.get(day, 0))
        day, days = day + timedelta(days=1), days + 1
    by_weekday = _rate_by_weekday(counts)
    return PublishingRate(by_weekday, days, _dispersion(by_weekday, counts))


def _dispersion(by_weekday: Sequence[float], counts: Mapping[int, Sequence[int]]) -> float:
    """Return the index of dispersion of daily counts plus two standard errors; 1 if the history is too short.

    Cox and Lewis, "The Statistical Analysis of Series of Events", 1966, 6.3.
    """
    days = [(count, by_weekday[weekday]) for weekday, known in counts.items() for count in known]
    mean = fmean(count for count, _ in days) if days else 0.0
    if len(days) < _DAYS_OF_DISPERSION or not mean:
        return 1.0
    observed = sum((count - usual) ** 2 for count, usual in days) / (len(days) - 1) / mean
    return min(1.0, max(_LEAST_DISPERSION, observed * (1 + 2 * sqrt(2 / (len(days) - 1)))))


def _rate_by_weekday(counts: Mapping[int, Sequence[int]]) -> tuple[float, ...]:
    """Return the rate of each weekday; similar ones share their mean, which is a better estimate for each."""
    means = {weekday: _typical_count(known) for weekday, known in counts.items()}
    middle = median(means.values()) if means else 0.0
    alike = [mean for mean in means.values() if middle / 2 <= mean <= middle * 2]
    return tuple(fmean(alike) if (mean := means.get(weekday, 0.0)) in alike else mean for weekday in range(7))


def _typical_count(counts: Sequence[int]) -> float:
    """Return the mean, which includes rare days, limited so that a single big day does not count as typical."""
    return min(fmean(counts), 2 * median(counts) + 1)


def check_silence(
    observation: Observation, history: Sequence[Observation], usual: Sequence[Observation], bound: float | None
) -> Finding:
    """Check whether no new URL was found for much longer than ever before. `bound` is in days."""
    if observation.found:
        return NORMAL
    last = last_found(history)
    if not observation.watched or last is None:
        return None
    silent = observation.at - last.at
    if bound is not None:
        if _days(silent) <= bound:
            return None
        return _silence_alarm(observation, silent, timedelta(days=bound), learned=False)
    finds = [one for one in usual if one.found and not one.first]
    rate = learn_publishing_rate(usual, lambda one: one.found)
    if len(finds) < _LEAST_FINDS or rate.days < _LEAST_DAYS or silent < _LEAST_SILENCE:
        return None
    missed = rate.expected(last.at, observation.at)
    longest = timedelta(hours=max(one.quiet for one in finds))
    usually_missed = max(rate.expected(one.at - timedelta(hours=one.quiet), one.at) for one in finds)
    if missed < _LEAST_MISSED * rate.dispersion or (silent < _LONGER * longest and missed < _LONGER * usually_missed):
        return None
    return _silence_alarm(observation, silent, longest, learned=True)


def _silence_alarm(observation: Observation, silent: timedelta, allowed: timedelta, *, learned: bool) -> Alarm:
    span = _format_span(allowed)
    usually = f"its longest pause was {span}" if learned else f"its profile allows {span} ([expect])"
    text = (
        f"{observation.site}: silent: its sources answer, but have listed nothing new for {_format_span(silent)}; "
        f"{usually}. The feed is probably dead or has moved: run `scrapy sites check {observation.site}`."
    )
    return Alarm(observation.site, Symptom.SILENT_FEED, text, round(_days(silent), 2), round(_days(allowed), 2))


def check_articles_a_day(
    observation: Observation, history: Sequence[Observation], usual: Sequence[Observation], bound: float | None
) -> Finding:
    """Check whether the last two days brought far fewer articles than such days do. `bound` is the least a day."""
    start = observation.at - _SPAN
    if not observation.watched or not history or history[0].at > start:
        return None
    count = observation.new + sum(one.new for one in history if one.at > start)
    if bound is not None:
        if count >= 2 * bound:
            return NORMAL
        return _few_alarm(observation, count, 2 * bound, "its profile says at least ([expect])")
    rate = learn_publishing_rate([one for one in usual if one.at <= start], lambda one: one.new)
    # A run finds what was published before it, perhaps the day before, so either day may count.
    expected = min(rate.expected(start, observation.at), rate.expected(start + _SPAN / 2, observation.at + _SPAN / 2))
    # No article at all is a silence.
    if rate.days < _LEAST_DAYS_OF_FEW or expected < _LEAST_EXPECTED or not count:
        return None
    if count >= 2 * _FEW * expected:
        return NORMAL
    return _few_alarm(observation, count, expected, "such days usually bring") if count < _FEW * expected else None


def _few_alarm(observation: Observation, count: int, expected: float, usually: str) -> Alarm:
    text = (
        f"{observation.site}: few articles: {count} in the last two days, {usually} {expected:.0f}. "
        f"One of its sources is probably gone: run `scrapy sites check {observation.site}`."
    )
    return Alarm(observation.site, Symptom.FEW_ARTICLES, text, count / 2, round(expected / 2, 1))


def _days(span: timedelta) -> float:
    return span / timedelta(days=1)


def _format_span(span: timedelta) -> str:
    hours = span / timedelta(hours=1)
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.1f} days"
