"""Compare each run with a site's baseline and raise alarms, so that a person learns of a redesign or a dead feed.

    observation      what one run observed of one site, in numbers
    baseline         what is normal for a site, learned from earlier runs: medians and their spread
    checks           shares, text lengths and dropped blocks of a run against the baseline
    publishing_rate  how much a site publishes on each weekday, and checks for silence and few articles
    judge            (observation, history, bounds) -> alarms, each a symptom and a sentence
    alarms           active alarms, reported once a day until they end, and their lines in DATA_DIR/alarms.jsonl

Everything but `append_alarms` is a pure function of values; the time is that of the observations.
"""

from __future__ import annotations

from output.monitoring.alarms import ALARMS_FILE, ActiveAlarm, AlarmLine, append_alarms, update_active_alarms
from output.monitoring.checks import Alarm
from output.monitoring.judge import Judgement, judge_run
from output.monitoring.observation import Bounds, Observation, Symptom

__all__ = [
    "ALARMS_FILE",
    "ActiveAlarm",
    "Alarm",
    "AlarmLine",
    "Bounds",
    "Judgement",
    "Observation",
    "Symptom",
    "append_alarms",
    "judge_run",
    "update_active_alarms",
]
