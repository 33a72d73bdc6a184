"""Read the history of runs in DATA_DIR: the newest lines of runs.jsonl, from its end, and the alarms."""

from __future__ import annotations

import mmap
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from output.monitoring.alarms import ALARMS_FILE
from output.runs.run_log import RUNS_FILE
from output.storage.regular_file import open_regular

if TYPE_CHECKING:
    from pathlib import Path

WarnFunction = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RunRow:
    """Hold a run's line. `seconds` is its duration; `failed` are the sites that failed."""

    run: str
    start: datetime
    seconds: float
    outcome: str
    exit_code: int
    articles: int
    rejects: int
    sites: tuple[str, ...]
    failed: tuple[str, ...]
    hosts: dict[str, tuple[int, float, float]]


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """Hold an alarm that is active, or has `ended` in this time. `at` is when it was last reported."""

    site: str
    symptom: str
    text: str
    since: str
    at: str
    ended: bool


@dataclass(slots=True)
class HostRow:
    """Hold how fast a host answered over all runs, in seconds until an answer began."""

    answers: int = 0
    seconds: float = 0.0
    slowest: float = 0.0

    @property
    def mean(self) -> float:
        """Return the mean, in seconds."""
        return self.seconds / self.answers


@dataclass(slots=True)
class RunHistory:
    """Hold what was read: runs, newest first, how fast hosts were, and in how many runs each site failed."""

    runs: list[RunRow] = field(default_factory=list)
    hosts: dict[str, HostRow] = field(default_factory=dict)
    sites: dict[str, int] = field(default_factory=dict)  # site → runs
    failures: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    count: int = 0

    # Runs to keep for the list (the others are only counted); sites and hosts to count one by one.
    _LISTED, _NAMED = 30, 5000

    def add(self, run: RunRow) -> None:
        """Add a run; call it with the newest first."""
        self.count += 1
        self.outcomes[run.outcome] += 1
        if len(self.runs) < self._LISTED:
            self.runs.append(run)
        for site in run.sites:
            if site in self.sites or len(self.sites) < self._NAMED:
                self.sites[site] = self.sites.get(site, 0) + 1
        self.failures.update(site for site in run.failed if site in self.sites)
        for name, (answers, seconds, slowest) in run.hosts.items():
            if name not in self.hosts and len(self.hosts) >= self._NAMED:
                continue
            host = self.hosts.setdefault(name, HostRow())
            host.answers += answers
            host.seconds += seconds
            host.slowest = max(host.slowest, slowest)


def last_day(data_dir: Path) -> date | None:
    """Return the day (UTC) on which the newest run began; None if runs.jsonl has none."""
    for line in _backwards(data_dir / RUNS_FILE):
        if run := _run_of(line):
            return run.start.date()
    return None


def read_journal(data_dir: Path, since: date) -> RunHistory:
    """Read the runs that began on `since` or later.

    Skip a line that a power failure tore: a later line describes that run.
    """
    journal, known = RunHistory(), set()
    for line in _backwards(data_dir / RUNS_FILE):
        run = _run_of(line)
        if run is None or run.run in known:  # a run that was interrupted has two lines; the second is complete
            continue
        if (run.start + timedelta(seconds=run.seconds)).date() < since:
            break  # lines are in the order in which runs ended
        if run.start.date() < since:
            continue
        known.add(run.run)
        journal.add(run)
    return journal


def read_alarms(data_dir: Path, since: date, warn: WarnFunction) -> list[AlarmRow]:
    """Read the alarms reported on `since` or later, active ones first, then the newest."""
    path = data_dir / ALARMS_FILE
    last: dict[tuple[str, str], AlarmRow] = {}
    if not path.exists():
        return []
    with open_regular(path) as file:
        for number, line in enumerate(file, 1):
            try:
                row = orjson.loads(line)
                at = datetime.fromisoformat(row["at"])
                key = str(row["site"]), str(row["symptom"])
                alarm = AlarmRow(*key, str(row["text"]), str(row["since"]), str(row["at"]), row["change"] == "ended")
            except (ValueError, KeyError, TypeError):
                warn(f"{path}, line {number}: not an alarm's line")
                continue
            before = last.get(key)
            if alarm.ended and before:  # its first text says more than that it is over
                alarm = AlarmRow(*key, before.text, alarm.since, alarm.at, True)
            if at.date() >= since:
                last[key] = alarm
    newest = sorted(last.values(), key=lambda alarm: alarm.at, reverse=True)
    return sorted(newest, key=lambda alarm: alarm.ended)


def _backwards(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, last one first, without reading the whole file."""
    if not path.exists() or not path.stat().st_size:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        end = len(content)
        while end > 0:
            start = content.rfind(b"\n", 0, end - 1) + 1
            yield content[start:end]
            end = start


def _run_of(line: bytes) -> RunRow | None:
    try:
        row: dict[str, Any] = orjson.loads(line)
        start, end = datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"])
        sites = row.get("sites") or {}
        hosts = (row.get("hosts") or {}).items()
        return RunRow(
            run=str(row["run"]),
            start=start,
            seconds=(end - start).total_seconds(),
            outcome=str(row["outcome"]),
            exit_code=int(row["exit_code"]),
            articles=int(row["articles"]),
            rejects=sum((row.get("rejects") or {}).values()),
            sites=tuple(sites),
            failed=tuple(site for site, counts in sites.items() if counts.get("failed")),
            hosts={host: (int(t["answers"]), float(t["seconds"]), float(t["slowest"])) for host, t in hosts},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
