"""The watch: what each run sees of an outlet is held against what is usual there, so that a person learns of a redesign.

    observation  what one run saw of one outlet
    usual        what is usual there, learned from earlier runs: medians, and how far days stray from them
    judge        (observation, history, bounds) -> alarms, each a symptom and a sentence
    standing     alarms that go on: told once a day, and their end noted
    alarms       their lines in DATA_DIR/alarms.jsonl

All but the last are pure functions of values; the clock is the observations' own.
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
