"""Alarms that go on: each is told when it rises, then once a day at most, and once more when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from output.watch.alarms import AlarmLine
from output.watch.checks import Alarm
from output.watch.judge import Judgement
from output.watch.observation import Symptom

# A run that comes every day does not come to the second.
_AGAIN = timedelta(hours=23)


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm of an outlet that is on, since when, and when it was told last."""

    since: datetime
    told: datetime


def stand(
    site: str, run: str, before: Mapping[Symptom, Standing], judgement: Judgement, now: datetime
) -> tuple[dict[Symptom, Standing], list[AlarmLine]]:
    """The alarms that are on after a run, and the lines that tell of what has changed. What the run could not judge
    stays as it was."""
    after, lines = dict(before), []
    for alarm in judgement.alarms:
        known = before.get(alarm.symptom)
        if known is None:
            after[alarm.symptom] = Standing(now, now)
            lines.append(_line(alarm, run, "raised", now, now))
        elif now - known.told >= _AGAIN:
            after[alarm.symptom] = replace(known, told=now)
            lines.append(_line(alarm, run, "continues", now, known.since))
    for symptom in sorted(before.keys() & judgement.fine):
        since = after.pop(symptom).since
        text = f"{site}: over: {symptom.replace('_', ' ')}, since {since:%Y-%m-%d %H:%M} UTC."
        lines.append(AlarmLine(now, run, site, symptom, "ended", text, since))
    return after, lines


def _line(alarm: Alarm, run: str, change: str, now: datetime, since: datetime) -> AlarmLine:
    return AlarmLine(now, run, alarm.site, alarm.symptom, change, alarm.text, since, alarm.value, alarm.expected)
