"""Test that a run ends in time whatever is still at work, and leaves that for the next run."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.hanging_spiders import options

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
SCRAPY = Path(sys.executable).with_name("scrapy")


def crawl(data: Path, spider: str, *arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    given = [part for argument in arguments for part in ("-a", argument)]
    return subprocess.run(
        [str(SCRAPY), "crawl", spider, *given, *options(data, **settings)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def titles(data: Path) -> list[str]:
    files = data.glob("articles/*/*.jsonl")
    return [json.loads(line)["title"] for file in files for line in file.read_bytes().splitlines()]


def run_line(data: Path) -> dict[str, Any]:
    (line,) = (data / "runs.jsonl").read_bytes().splitlines()
    run: dict[str, Any] = json.loads(line)
    return run


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(3, ["Story a", "Story s0"]), (600, ["Story a"])],
    ids=["the page at work is done in time", "it is given up"],
)
def test_pages_that_wait_for_a_worker_do_not_hold_up_the_end(tmp_path: Path, seconds: int, expected: list[str]) -> None:
    """All forty would take two minutes, or hours."""
    done = crawl(tmp_path, "slow_pages", f"seconds={seconds}", "budget=1", ENDING_TIME=5)
    assert (done.returncode, done.stderr) == (0, "")
    assert titles(tmp_path) == expected
    run = run_line(tmp_path)
    assert (run["outcome"], run["articles"], run["rejects"]) == ("budget", len(expected), {})


def test_a_run_that_cannot_go_on_does_not_wait_either(tmp_path: Path) -> None:
    done = crawl(tmp_path, "slow_pages", "seconds=600", "reason=write_failed", ENDING_TIME=1)
    assert done.returncode == 1
    assert titles(tmp_path) == ["Story a"]
    run = run_line(tmp_path)
    assert (run["outcome"], run["reason"], run["rejects"]) == ("error", "write_failed", {})


def test_a_thread_that_waits_for_an_answer_does_not_hold_up_the_end(tmp_path: Path) -> None:
    started = time.monotonic()
    done = crawl(tmp_path, "leaves_a_thread")
    assert (done.returncode, done.stderr) == (0, "")
    assert time.monotonic() - started < 60, "the thread sleeps for ten minutes"
    assert titles(tmp_path) == ["Story a"]
