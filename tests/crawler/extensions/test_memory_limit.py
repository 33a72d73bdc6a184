"""A run that takes too much memory ends like any other: with finished files, its line, and a reason."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.extensions.memory_limit import memory_mb
from tests.support.command_spiders import options

if TYPE_CHECKING:
    from typing import Any

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]


def crawl(data: Path, *settings: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    given = [part for setting in settings for part in ("-s", setting)]
    arguments = ["crawl", "endless", *options(data), *given, "-a", f"here={data / 'here'}", "-a", "budget=6s"]
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    (line,) = (data / "runs.jsonl").read_text(encoding="utf-8").splitlines()
    return done, json.loads(line)


def test_a_run_over_its_limit_ends_with_finished_files_and_says_why(tmp_path: Path) -> None:
    done, run = crawl(tmp_path, "MEMUSAGE_LIMIT_MB=20", "MEMUSAGE_CHECK_INTERVAL_SECONDS=0.5")
    assert (done.returncode, run["outcome"], run["reason"]) == (1, "error", "memusage_exceeded")
    assert "more than MEMUSAGE_LIMIT_MB (20)" in done.stderr
    assert "Traceback" not in done.stderr
    (file,) = [each for each in run["files"] if each["path"].startswith("articles")]
    written = (tmp_path / file["path"]).read_text(encoding="utf-8").splitlines()
    assert len(written) == run["articles"] > 0
    assert not list(tmp_path.rglob("*.part"))


def test_what_was_taken_and_given_back_ends_no_run(tmp_path: Path) -> None:
    before = memory_mb("VmRSS")
    hoard = bytearray(500_000_000)
    del hoard
    assert memory_mb("VmHWM") > before + 400 > memory_mb("VmRSS") + 300
    done, run = crawl(tmp_path, "MEMUSAGE_LIMIT_MB=400", "MEMUSAGE_CHECK_INTERVAL_SECONDS=0.5")
    assert (done.returncode, run["reason"]) == (0, "budget"), done.stderr
