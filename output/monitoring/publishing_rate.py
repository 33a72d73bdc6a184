"""Whether an outlet still publishes as it used to: silence, and few articles. Weekends count for what they usually bring."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from output.monitoring.baseline import PublishingPace, publishing_pace
from output.monitoring.checks import AS_USUAL, Alarm, Finding
from output.monitoring.observation import Observation, Symptom, last_found

if TYPE_CHECKING:
    from collections.abc import Sequence

# A silence that is so many times what the longest usual one would have brought.
_LONGER = 1.75
# Shorter ones are nights; and something must be missed: by chance alone e^-7, one in a thousand; an outlet that keeps to
# its pace need not miss so many.
_LEAST_SILENCE, _LEAST_MISSED = timedelta(hours=20), 7.0
_LEAST_FINDS, _LEAST_DAYS = 5, 3
# Few: under a fifth of what two such days bring, where that is some; a fortnight knows each day of the week twice.
_SPAN, _FEW, _LEAST_EXPECTED, _LEAST_DAYS_OF_FEW = timedelta(days=2), 0.2, 16.0, 14


def check_silence(
    seen: Observation, history: Sequence[Observation], usual: Sequence[Observation], bound: float | None
) -> Finding:
    """Has nothing new been found for much longer than ever before? `bound` in days."""
    if seen.found:
        return AS_USUAL
    last = last_found(history)
    if not seen.watched or last is None:
        return None
    silent = seen.at - last.at
    if bound is not None:
        return _silence_alarm(seen, silent, timedelta(days=bound), learned=False) if _days(silent) > bound else None
    finds = [one for one in usual if one.found and not one.first]
    pace = publishing_pace(usual, lambda one: one.found)
    if len(finds) < _LEAST_FINDS or pace.days < _LEAST_DAYS or silent < _LEAST_SILENCE:
        return None
    missed = pace.expected(last.at, seen.at)
    longest = timedelta(hours=max(one.quiet for one in finds))
    usually_missed = max(_brings(pace, one) for one in finds)
    if missed < _LEAST_MISSED * pace.scatter or (silent < _LONGER * longest and missed < _LONGER * usually_missed):
        return None
    return _silence_alarm(seen, silent, longest, learned=True)


def _brings(pace: PublishingPace, found: Observation) -> float:
    return pace.expected(found.at - timedelta(hours=found.quiet), found.at)


def _silence_alarm(seen: Observation, silent: timedelta, usual: timedelta, *, learned: bool) -> Alarm:
    usually = f"its longest pause was {_span(usual)}" if learned else f"its profile allows {_span(usual)} ([expect])"
    text = (
        f"{seen.site}: silent: its sources answer, but have listed nothing new for {_span(silent)}; {usually}. "
        f"The feed is probably dead or has moved: run `scrapy sites check {seen.site}`."
    )
    return Alarm(seen.site, Symptom.SILENT_FEED, text, round(_days(silent), 2), round(_days(usual), 2))


def check_articles_a_day(
    seen: Observation, history: Sequence[Observation], usual: Sequence[Observation], bound: float | None
) -> Finding:
    """Have the last two days brought far fewer articles than such days do? `bound` is the least a day."""
    start = seen.at - _SPAN
    if not seen.watched or not history or history[0].at > start:
        return None
    count = seen.new + sum(one.new for one in history if one.at > start)
    if bound is not None:
        if count >= 2 * bound:
            return AS_USUAL
        return _few_alarm(seen, count, 2 * bound, "its profile says at least ([expect])")
    pace = publishing_pace([one for one in usual if one.at <= start], lambda one: one.new)
    # A run brings what came out before it, perhaps the day before: either day may count.
    expected = min(pace.expected(start, seen.at), pace.expected(start + _SPAN / 2, seen.at + _SPAN / 2))
    if pace.days < _LEAST_DAYS_OF_FEW or expected < _LEAST_EXPECTED or not count:  # none at all is a silence
        return None
    if count >= 2 * _FEW * expected:
        return AS_USUAL
    return _few_alarm(seen, count, expected, "such days usually bring") if count < _FEW * expected else None


def _few_alarm(seen: Observation, count: int, expected: float, usually: str) -> Alarm:
    text = (
        f"{seen.site}: few articles: {count} in the last two days, {usually} {expected:.0f}. "
        f"One of its sources is probably gone: run `scrapy sites check {seen.site}`."
    )
    return Alarm(seen.site, Symptom.FEW_ARTICLES, text, count / 2, round(expected / 2, 1))


def _days(span: timedelta) -> float:
    return span / timedelta(days=1)


def _span(span: timedelta) -> str:
    hours = span / timedelta(hours=1)
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.1f} days"
