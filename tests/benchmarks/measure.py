"""What the benchmarks share: a command's wall time and CPU time, the replay proxy, tables and the JSON file."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psutil

from tests.benchmarks.samples import ROOT, SHARED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

SCRAPY = str(Path(sys.executable).with_name("scrapy"))
REPLAY = SHARED / "replay" / "replay.py"
RESULTS = ROOT / "build" / "bench"


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds that a command and all its descendants took; `proxy` is what the replay proxy used meanwhile."""

    wall: float
    cpu: float
    proxy: float = 0.0


def run(command: Sequence[str], *, proxy: Replay | None = None, output: Path | None = None) -> Usage:
    """Run a command to its end. Raises SystemExit with its stderr where it fails."""
    before = proxy.cpu() if proxy else 0.0
    environment = {**os.environ, **(proxy.environment if proxy else {}), "PYTHONPATH": str(ROOT)}
    # What pip installs comes compiled, and so is our code from its second start.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    with (output or Path(os.devnull)).open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.PIPE)
        assert process.stderr
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)  # of the process and of all descendants that were waited for
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}\n{errors.decode()[-2000:]}")
    return Usage(wall, usage.ru_utime + usage.ru_stime, proxy.cpu() - before if proxy else 0.0)


class Replay:
    """../shared/replay/replay.py, as long as it is needed. `copies` as its own option."""

    def __init__(self, copies: int = 0):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._command = [sys.executable, str(REPLAY), "--port", str(self._port), "--copies", str(copies)]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return self
            time.sleep(0.1)
        raise SystemExit("the replay proxy does not start")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that send a crawl through it."""
        address = f"http://127.0.0.1:{self._port}"
        return {"http_proxy": address, "https_proxy": address}

    def cpu(self) -> float:
        """CPU seconds it has used so far."""
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their columns; all but the first column to the right."""
    widths = [max(len(row[index]) for row in (columns, *rows)) for index in range(len(columns))]
    for row in (columns, *rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        print("  ".join(cells).rstrip())


def save(name: str, result: Mapping[str, Any]) -> None:
    """Keep a result as build/bench/<name>.json, with what it was measured on."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    machine = {"cores": psutil.cpu_count(), "load": round(os.getloadavg()[0], 2), "python": sys.version.split()[0]}
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"machine": machine, **result}, indent=2) + "\n", encoding="utf-8")
    print(f"→ {path.relative_to(ROOT)}\n")


def median(values: Sequence[float]) -> float:
    """The middle value, the lower one of two."""
    return sorted(values)[(len(values) - 1) // 2]
