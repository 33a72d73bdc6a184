"""The lines of `alarms.jsonl`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson

from output.runs import append_lines
from output.watch.observation import Symptom

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
