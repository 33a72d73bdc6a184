"""Crawl outlets in a real `scrapy crawl news`, and measure what it cost and what came of it."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import psutil

from tests.support.hostile.catalog import GOOD
from tests.support.hostile.server import ROOT, HostileServer, serve_outlets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tests.support.hostile.outlet import Outlet

# So short that an attack ends soon, and long enough for what is healthy on a slow machine.
SETTINGS: Mapping[str, Any] = {
    "WINNOW_CONTACT": "a@b.example",
    "TWISTED_DNS_RESOLVER": "tests.support.hostile.names.LoopbackResolver",
    "DOWNLOAD_DELAY": 0.05,
    "DOWNLOAD_TIMEOUT": 4,
    "RETRY_TIMES": 0,
    "TDMREP": True,
    "CLEAN_WORKERS": 2,
    "CLEAN_TIMEOUT": 4,
    "CLEAN_MEMORY_MB": 150,
    "READ_TIMEOUT": 2,
    "READ_MEMORY_MB": 150,
    "STATS_DUMP": True,
}
_ADDRESS_SPACE = 4_000_000 * 1024  # bytes of each process: a crawl that takes all memory does not take this machine's
_LOOK = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True)
class Trial:
    """What one crawl came to. `exit_code` is None where it had to be killed."""

    data: Path
    outlets: tuple[Outlet, ...]
    exit_code: int | None
    seconds: float
    peak_mb: float
    good_seconds: float | None  # from the start of the crawl to the request for the good outlet's last article
    survivors: tuple[str, ...]
    printed: str

    @cached_property
    def articles(self) -> list[dict[str, Any]]:
        """Return the records of finished files."""
        return self._records("articles")

    @cached_property
    def rejects(self) -> list[dict[str, Any]]:
        return self._records("rejects")

    def _records(self, kind: str) -> list[dict[str, Any]]:
        return [json.loads(line) for file in sorted(self.data.glob(f"{kind}/*/*.jsonl")) for line in file.open("rb")]

    @cached_property
    def log(self) -> str:
        """Return all that the crawl has logged and printed."""
        files = sorted(self.data.glob("logs/*.log*"))
        return "".join(file.read_text(encoding="utf-8", errors="replace") for file in files) + self.printed

    @property
    def run(self) -> dict[str, Any]:
        """Return the last line of runs.jsonl."""
        line: dict[str, Any] = json.loads((self.data / "runs.jsonl").read_bytes().splitlines()[-1])
        return line

    @property
    def longest_turn(self) -> float | None:
        """Return the longest turn of the event loop in seconds; None where the crawl does not measure it."""
        tail = self.log.rpartition("'loop/longest_turn': ")[2]
        return float(tail.partition(",")[0].strip(" }\n")) if "'loop/longest_turn': " in self.log else None

    @property
    def unfinished(self) -> list[str]:
        """Return the files that the run has left for the next one."""
        return [path.name for path in self.data.rglob("*.part")]

    def collected(self, outlet: Outlet) -> list[str]:
        """Return the paths of the outlet's articles that became records."""
        paths = [record["requested_url"] for record in self.articles if f"//{outlet.host}:" in record["requested_url"]]
        return sorted(url.partition(f"//{outlet.host}:")[2].partition("/")[2] for url in paths)

    def missing(self, outlet: Outlet) -> set[str]:
        """Return those of the articles that the crawl owes the outlet and that are no records."""
        return set(outlet.collects) - {f"/{path}" for path in self.collected(outlet)}

    def complaints(self, outlet: Outlet) -> list[str]:
        """Return where and why the outlet is named: in the log's warnings, and in rejects."""
        rejects = [f"{row['reason']}: {row['detail']}" for row in self.rejects if f"//{outlet.host}:" in row["url"]]
        lines = [line.partition("] ")[2] for line in self.log.splitlines() if outlet.host in line]
        return [*rejects, *(line for line in lines if line.startswith(("WARNING: ", "ERROR: ", "CRITICAL: ")))]


def crawl_outlets(
    outlets: Sequence[Outlet],
    data: Path,
    *,
    limit: float,
    settings: Mapping[str, Any] | None = None,
    during: Callable[[subprocess.Popen[str], HostileServer], None] | None = None,
) -> Trial:
    """Crawl the good outlet and these to DATA_DIR `data`, and kill what still runs after `limit` seconds.

    `during` runs in a thread beside the crawl, with it and the good outlet's server.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (
        serve_outlets([GOOD], data / "good-requests.jsonl") as good,
        serve_outlets(outlets, data / "hostile-requests.jsonl") as hostile,
        (data / "printed.txt").open("w+", encoding="utf-8", errors="replace") as printed,
    ):
        starts = [f"{good.url(GOOD)}/", *(f"{hostile.url(outlet)}/" for outlet in outlets)]
        began = time.time()
        process = subprocess.Popen(
            _command(starts, [GOOD, *outlets], data, settings or {}), cwd=ROOT, env=_environment(), text=True,
            stdout=printed, stderr=printed, start_new_session=True, preexec_fn=_limit_memory,
        )  # fmt: skip
        try:
            with ThreadPoolExecutor() as pool:
                meanwhile = pool.submit(during, process, good) if during else None
                peak, survivors = _watch(process, began + limit)
            if meanwhile:
                meanwhile.result()
            seconds = time.time() - began
        finally:
            _end(process)
        printed.seek(0)
        served = [request.at - began for request in good.requests() if request.path in GOOD.collects]
        return Trial(
            data, tuple(outlets), process.returncode if process.returncode != -9 else None, seconds, peak / 2**20,
            max(served) if len(served) >= len(GOOD.collects) else None, survivors, printed.read(),
        )  # fmt: skip


def _command(starts: Sequence[str], outlets: Sequence[Outlet], data: Path, settings: Mapping[str, Any]) -> list[str]:
    allowed = ",".join(outlet.host for outlet in outlets)
    options = {**SETTINGS, "DATA_DIR": data, "WINNOW_ALLOW_PRIVATE_HOSTS": allowed, **settings}
    command = [sys.executable, "-m", "scrapy", "crawl", "news", "-a", f"start={','.join(starts)}"]
    return [*command, *(part for name, value in options.items() for part in ("-s", f"{name}={value}"))]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**kept, "PYTHONPATH": str(ROOT), "SCRAPY_SETTINGS_MODULE": "crawler.settings"}


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))


def _watch(process: subprocess.Popen[str], until: float) -> tuple[float, tuple[str, ...]]:
    """Wait for the end of the crawl; return the peak memory of it and its workers, and which of them outlived it."""
    root, peak = psutil.Process(process.pid), 0.0
    family: set[psutil.Process] = {root}
    while process.poll() is None and time.time() < until:
        with suppress(psutil.NoSuchProcess):
            family.update(root.children(recursive=True))
        peak = max(peak, sum(map(_memory, family)))
        time.sleep(_LOOK)
    _end(process)
    _, alive = psutil.wait_procs([one for one in family if one != root], timeout=5)
    for one in alive:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    return peak, tuple(str(one) for one in alive)


def _memory(process: psutil.Process) -> float:
    """Return the bytes that a process takes, where a page that several share counts but once."""
    try:
        return float(process.memory_full_info().pss)
    except (psutil.Error, AttributeError):  # it has ended; or the system does not tell
        return 0.0


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()
