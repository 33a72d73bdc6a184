"""Name runs, and append a line for each to `runs.jsonl`."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson

from output.storage.durable import sync_folder

if TYPE_CHECKING:
    from pathlib import Path

RUNS_FILE = "runs.jsonl"
_START_FORMAT = "%Y%m%dT%H%M%SZ"
_RUN_ID = re.compile(r"(\d{8}T\d{6}Z)-[0-9a-f]{6}")


def new_run_id(start: datetime) -> str:
    """Return a new run id, `YYYYMMDDTHHMMSSZ-<6 hex digits>`. Ids sort by start; runs of the same second differ."""
    return f"{start.astimezone(UTC).strftime(_START_FORMAT)}-{secrets.token_hex(3)}"


def run_start(run: str) -> datetime:
    """Return the start of a run, in UTC, from its id. Raises ValueError if the id is malformed."""
    match = _RUN_ID.fullmatch(run)
    if not match:
        raise ValueError(f"{run!r} is not a run id; expected YYYYMMDDTHHMMSSZ-<6 hex digits>")
    return datetime.strptime(match[1], _START_FORMAT).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FinishedFile:
    """Describe a file that no longer changes. `path` is relative to DATA_DIR, with slashes; `sha256` is in hex."""

    path: str
    lines: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SiteCounts:
    """Count what a run did at one site. `candidates` are new article URLs; `failed_sources` did not respond."""

    candidates: int = 0
    fetched: int = 0
    articles: int = 0
    rejects: int = 0
    sources: int = 0
    failed_sources: int = 0
    failed: bool = False


@dataclass(frozen=True, slots=True)
class HostTimes:
    """Sum up a host's response times: the number of responses, and the total and longest wait for one, in seconds."""

    answers: int
    seconds: float
    slowest: float


@dataclass(frozen=True, slots=True)
class RunLine:
    """Hold a line of `runs.jsonl`.

    Times are RFC 3339 in UTC. `reason` is why the spider closed; `alarms` describes those raised in this run.
    """

    run: str
    start: str
    end: str
    outcome: str
    exit_code: int
    reason: str
    spider: str
    arguments: dict[str, str]
    articles: int
    sites: dict[str, SiteCounts] = field(default_factory=dict)
    rejects: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    files: tuple[FinishedFile, ...] = ()
    alarms: tuple[str, ...] = ()
    hosts: dict[str, HostTimes] = field(default_factory=dict)


def append_run(data_dir: Path, line: RunLine) -> None:
    """Append a whole line to DATA_DIR/runs.jsonl. Raises OSError."""
    append_lines(data_dir / RUNS_FILE, orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def append_lines(path: Path, lines: bytes) -> None:
    """Append whole lines to a file in a single write, and sync it. Raises OSError.

    If a power failure left a torn last line, the new lines start on a line of their own.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        data = (b"\n" if torn else b"") + lines
        written = os.write(descriptor, data)
        if written != len(data):
            raise OSError(f"{path}: only {written} of {len(data)} bytes were written")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if not size:
        sync_folder(path.parent)
