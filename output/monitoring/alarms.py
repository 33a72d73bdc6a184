"""Track active alarms, and report each in alarms.jsonl when it is raised, once a day while active, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import orjson

from output.runs.run_log import append_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from output.monitoring.checks import Alarm
    from output.monitoring.judge import Judgement
    from output.monitoring.observation import Symptom

ALARMS_FILE = "alarms.jsonl"

# An hour under a day: a daily run does not start at the same second each day.
_REPORT_INTERVAL = timedelta(hours=23)


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """Hold one line of alarms.jsonl.

    `change` is "raised", "continues" or "ended". Times are RFC 3339 in UTC; `since` is when the alarm was raised.
    `value` was observed where `expected` is normal: a share, characters, days or articles a day, by `symptom`.
    """

    at: datetime
    run: str
    site: str
    symptom: Symptom
    change: str
    text: str
    since: datetime
    value: float | None = None
    expected: float | None = None

    def as_json(self) -> bytes:
        """Return the line as JSON, with its newline."""
        options = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS
        return orjson.dumps(self, option=options)


@dataclass(frozen=True, slots=True)
class ActiveAlarm:
    """Hold when an active alarm of a site was raised, and when it was last reported."""

    since: datetime
    reported: datetime


def update_active_alarms(
    site: str, run: str, before: Mapping[Symptom, ActiveAlarm], judgement: Judgement, now: datetime
) -> tuple[dict[Symptom, ActiveAlarm], list[AlarmLine]]:
    """Return the alarms that are active after a run, and a line for each change.

    Symptoms that the run could not judge keep their state.
    """
    after, lines = dict(before), []
    for alarm in judgement.alarms:
        active = before.get(alarm.symptom)
        if active is None:
            after[alarm.symptom] = ActiveAlarm(now, now)
            lines.append(_alarm_line(alarm, run, "raised", now, now))
        elif now - active.reported >= _REPORT_INTERVAL:
            after[alarm.symptom] = replace(active, reported=now)
            lines.append(_alarm_line(alarm, run, "continues", now, active.since))
    for symptom in sorted(before.keys() & judgement.normal):
        since = after.pop(symptom).since
        text = f"{site}: ended: {symptom.replace('_', ' ')}, active since {since:%Y-%m-%d %H:%M} UTC."
        lines.append(AlarmLine(now, run, site, symptom, "ended", text, since))
    return after, lines


def append_alarms(data_dir: Path, lines: Sequence[AlarmLine]) -> None:
    """Append lines to DATA_DIR/alarms.jsonl in a single write, and sync them to disk. Raises OSError."""
    if lines:
        append_lines(data_dir / ALARMS_FILE, b"".join(line.as_json() for line in lines))


def _alarm_line(alarm: Alarm, run: str, change: str, now: datetime, since: datetime) -> AlarmLine:
    return AlarmLine(now, run, alarm.site, alarm.symptom, change, alarm.text, since, alarm.value, alarm.expected)
