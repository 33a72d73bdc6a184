"""Write alarms to alarms.jsonl, and tell of each when it rises, once a day while it goes on, and when it is over."""

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


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """One line: `change` is raised, continues or ended; times are RFC 3339 in UTC; `since` is when the alarm rose.

    `value` was seen where `expected` is usual: a share, characters, days or articles a day, as `symptom` says.
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
        """The line, with its newline."""
        options = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS
        return orjson.dumps(self, option=options)


def append_alarms(data_dir: Path, lines: Sequence[AlarmLine]) -> None:
    """Append lines to DATA_DIR/alarms.jsonl in a single write, and wait until the disk has them. Raises OSError."""
    if lines:
        append_lines(data_dir / ALARMS_FILE, b"".join(line.as_json() for line in lines))


# A run that comes every day does not come to the second.
_AGAIN = timedelta(hours=23)


@dataclass(frozen=True, slots=True)
class ActiveAlarm:
    """An alarm of an outlet that is on, since when, and when it was told last."""

    since: datetime
    told: datetime


def update_active_alarms(
    site: str, run: str, before: Mapping[Symptom, ActiveAlarm], judgement: Judgement, now: datetime
) -> tuple[dict[Symptom, ActiveAlarm], list[AlarmLine]]:
    """The alarms that are on after a run, and the lines that tell of what has changed. What the run could not judge
    stays as it was.
    """
    after, lines = dict(before), []
    for alarm in judgement.alarms:
        known = before.get(alarm.symptom)
        if known is None:
            after[alarm.symptom] = ActiveAlarm(now, now)
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
