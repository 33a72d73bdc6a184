"""Fuzz one target in a process of its own, within limits for single inputs, and read off how far it came."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fuzz.saved_inputs import HERE, input_folders

if TYPE_CHECKING:
    from pathlib import Path

ROOT = HERE.parents[1]
FOLDER = ROOT / "build" / "fuzz"
# Of a single input. Both are generous: crawls have their own limits, and a busy machine is slow.
TIMEOUT = 30  # seconds
MEMORY_MB = 2048  # of the process, with all that the target imports
LONGEST_INPUT = 8192  # bytes; longer ones are too slow to mutate, and growth has tests of its own

# `#4096 pulse  cov: 1234 ft: 5678 corp: 90/12Kb lim: 110 exec/s: 455 rss: 120Mb`
_PROGRESS = re.compile(r"^#(\d+)\s.*\bcov: (\d+) ft: (\d+)", re.MULTILINE)
_ARTIFACTS = ("crash-*", "timeout-*", "oom-*")


@dataclass(frozen=True, slots=True)
class Campaign:
    """Hold how far fuzzing a target came: `edges` of its code, `features` as libFuzzer counts them, what broke it."""

    target: str
    seconds: int
    runs: int
    edges: int
    features: int
    crashes: tuple[Path, ...]
    failed_to_run: bool
    log: Path


def fuzz(target: str, seconds: int) -> Campaign:
    """Fuzz a target for so many seconds, or until an input breaks it, from its saved inputs and what was found before."""
    folder = FOLDER / target
    corpus, log = folder / "corpus", folder / "log.txt"
    corpus.mkdir(parents=True, exist_ok=True)
    known = set(_artifacts(folder))
    limits = (
        f"-max_total_time={seconds}", f"-timeout={TIMEOUT}", f"-rss_limit_mb={MEMORY_MB}", f"-max_len={LONGEST_INPUT}",
        f"-report_slow_units={TIMEOUT}", f"-artifact_prefix={folder}/", "-print_final_stats=1",
    )  # fmt: skip
    command = (
        sys.executable,
        "-m",
        "tests.fuzz.fuzz_process",
        target,
        *limits,
        str(corpus),
        *map(str, input_folders(target)),
    )
    print(f"{target}: fuzzing for {seconds} s, see {log.relative_to(ROOT)}", flush=True)
    start = time.monotonic()
    with log.open("wb") as output:
        code = subprocess.run(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
    progress = _PROGRESS.findall(log.read_text(encoding="utf-8", errors="replace"))
    runs, edges, features = map(int, progress[-1]) if progress else (0, 0, 0)
    crashes = tuple(path.relative_to(ROOT) for path in _artifacts(folder) if path not in known)
    took = round(time.monotonic() - start)
    return Campaign(target, took, runs, edges, features, crashes, code != 0 and not crashes, log.relative_to(ROOT))


def _artifacts(folder: Path) -> list[Path]:
    return sorted(path for pattern in _ARTIFACTS for path in folder.glob(pattern))
