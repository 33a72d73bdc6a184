"""The watch: what each run sees of an outlet is held against what is usual there, so that a person learns of a redesign.

    observation  what one run saw of one outlet
    usual        what is usual there, learned from earlier runs: medians, and how far days stray from them
    judge        (observation, history, bounds) -> alarms, each a symptom and a sentence
    standing     alarms that go on: told once a day, and their end noted
    alarms       their lines in DATA_DIR/alarms.jsonl

All but the last are pure functions of values; the clock is the observations' own.
"""

from __future__ import annotations

from output.watch.alarms import ALARMS_FILE, AlarmLine, append_alarms
from output.watch.checks import Alarm
from output.watch.judge import Judgement, judge
from output.watch.observation import Bounds, Observation, Symptom
from output.watch.standing import Standing, stand

__all__ = [
    "ALARMS_FILE",
    "Alarm",
    "AlarmLine",
    "Bounds",
    "Judgement",
    "Observation",
    "Standing",
    "Symptom",
    "append_alarms",
    "judge",
    "stand",
]
