"""The live line of a crawl: on a terminal while it runs, gone before the summary, and nowhere else."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler.extensions.progress import wants_progress
from tests.support.command_spiders import options
from tests.support.terminal import at_terminal, screen

ROOT = Path(__file__).resolve().parents[3]
LINE = re.compile(r"\d+:\d\d  articles (\d+), rejects (\d+), hosts at work (\d+), waiting (\d+)")


def talking(data: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "scrapy", "crawl", "talking", *options(data), *arguments]


def test_a_crawl_tells_how_it_gets_on_and_leaves_only_the_summary(tmp_path: Path) -> None:
    code, shown = at_terminal([sys.executable, "-m", "scrapy", "demo", "-s", f"DATA_DIR={tmp_path}"], ROOT)
    assert code == 0
    told = [tuple(map(int, found)) for found in LINE.findall(shown)]
    assert told[0][0] < told[-1][0] == 27  # articles of the newsroom
    assert any(hosts == 1 and waiting for _, _, hosts, waiting in told)
    left = screen(shown)
    assert not any("hosts at work" in line for line in left)
    (summary,) = (line for line in left if line.startswith(" newsroom.example "))
    assert summary.split() == ["newsroom.example", "38", "35", "27", "11"]
    assert left[left.index(summary) + 1 :][3:4][0].startswith("27 articles in ")


def test_warnings_stay_whole_above_the_line(tmp_path: Path) -> None:
    code, shown = at_terminal(talking(tmp_path), ROOT)
    assert code == 0
    assert LINE.search(shown)
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")  # the cursor is there
    left = screen(shown)
    warnings = [line for line in left if "WARNING" in line]
    assert [line.partition("WARNING: ")[2] for line in warnings] == [
        f"[red]warning {number}[/red] about https://one.example/{'x' * 150}" for number in (3, 7, 11, 15, 19, 23)
    ]
    assert not any("hosts at work" in line for line in left)


def test_a_crawl_that_logs_to_the_terminal_draws_no_line(tmp_path: Path) -> None:
    code, shown = at_terminal(talking(tmp_path, "-L", "INFO"), ROOT)
    assert code == 0
    assert "Spider closed (finished)" in shown
    assert not LINE.search(shown)


def test_without_a_terminal_nothing_is_printed_and_rich_is_not_imported(tmp_path: Path) -> None:
    command = talking(tmp_path)
    command[1:1] = ["-X", "importtime"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=60)
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (0, "")
    assert [line for line in lines if not line.startswith("import time:")] == []
    assert any(line.endswith("crawler.run.run_stats") for line in lines)
    assert not [line for line in lines if re.search(r"\brich\b", line)]


@pytest.mark.parametrize(
    ("settings", "terminal", "shown"),
    [
        ({}, "xterm", True),
        ({"FEEDS": {"items.jsonl": {}}}, "xterm", True),
        ({"PROGRESS": "False"}, "xterm", False),
        ({"FEEDS": {"stdout:": {}}}, "xterm", False),
        ({}, "dumb", False),
    ],
)
def test_who_gets_a_line(
    settings: dict[str, object], terminal: str, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", terminal)
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert not wants_progress(Settings({"PROGRESS": True, **settings}))
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert wants_progress(Settings({"PROGRESS": True, **settings})) is shown
