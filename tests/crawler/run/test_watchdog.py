"""Test the watchdog on real crawls, whose event loop hangs in C: what it says, and that the run ends and the next one recovers."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.support.hanging_spiders import options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[3]
SCRAPY = Path(sys.executable).with_name("scrapy")
AT_WORK = "in one.example: reading https://one.example/feed"


class Crawl:
    """Run `scrapy crawl` to `folder`/data."""

    def __init__(self, folder: Path, spider: str, *arguments: str, **settings: object):
        self.folder, self.data = folder, folder / "data"
        given = [part for argument in arguments for part in ("-a", argument)]
        self.process = subprocess.Popen(
            [str(SCRAPY), "crawl", spider, *given, *options(self.data, **settings)],
            cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def wait_until(self, holds: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not holds():
            assert self.process.poll() is None, self.process.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def watchdogs(self) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if "watchdog_process" in " ".join(child.cmdline())]

    def end(self) -> tuple[int, str]:
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors

    @property
    def log(self) -> str:
        return "".join(path.read_text(encoding="utf-8") for path in self.data.glob("logs/*.log"))

    @property
    def titles(self) -> list[str]:
        files = sorted(self.data.glob("articles/*/*.jsonl"))
        return [json.loads(line)["title"] for file in files for line in file.read_bytes().splitlines()]

    @property
    def runs(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.data / "runs.jsonl").read_bytes().splitlines()]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Crawl]]:
    """Start crawls, and end them with the test."""
    started: list[Crawl] = []

    def run(spider: str, *arguments: str, **settings: object) -> Crawl:
        started.append(Crawl(tmp_path, spider, *arguments, **settings))
        return started[-1]

    yield run
    for crawl in started:
        crawl.process.kill()
        crawl.process.wait()


@pytest.fixture
def hang(start: Callable[..., Crawl], tmp_path: Path) -> Callable[..., Crawl]:
    """Start a crawl and wait until its loop hangs in `work`."""

    def run(work: str, *arguments: str, **settings: object) -> Crawl:
        here = tmp_path / "here"
        crawl = start("hanging", f"work={work}", f"here={here}", *arguments, **settings)
        crawl.wait_until(here.exists)
        return crawl

    return run


@pytest.mark.parametrize(
    ("work", "number"), [("expression", signal.SIGTERM), pytest.param("digest", signal.SIGINT, marks=pytest.mark.slow)]
)
def test_a_signal_is_heard_and_ends_a_loop_that_hangs_and_the_next_run_recovers(
    work: str, number: signal.Signals, hang: Callable[..., Crawl], start: Callable[..., Crawl]
) -> None:
    crawl = hang(work, ENDING_TIME=1)
    (watchdog,) = crawl.watchdogs()
    crawl.process.send_signal(number)
    sent = time.monotonic()
    assert crawl.process.stderr
    heard = crawl.process.stderr.readline()
    assert time.monotonic() - sent < 3, "it says so within two seconds; one is for a busy machine"
    assert heard.startswith(f"scrapy crawl: {number.name} was heard, but the event loop stands still {AT_WORK}; ")
    code, rest = crawl.end()
    assert time.monotonic() - sent < 10, "ENDING_TIME is 1 s, and three more are for a loop that recovers"
    assert code == -signal.SIGKILL
    killed = f"the run did not end in time after {number.name}: killed {AT_WORK}; the next run finishes its files\n"
    assert rest == f"scrapy crawl: {killed}"
    assert f" [watchdog] ERROR: {killed}" in crawl.log
    assert psutil.wait_procs([watchdog], timeout=10)[1] == []
    assert crawl.titles == []
    again = start("pages", "plan=a")
    assert again.end() == (0, "")
    assert again.titles.count("Story a0") == 1, "it is known, and not written twice"
    assert sorted(set(again.titles)) == ["Story a0", "Story a1"]
    assert not list(again.data.rglob("*.part"))


@pytest.mark.slow
def test_a_loop_that_hangs_for_a_while_is_told_and_the_run_ends_well(hang: Callable[..., Crawl]) -> None:
    crawl = hang("short", LOOP_STALL=1)
    (watchdog,) = crawl.watchdogs()
    code, errors = crawl.end()
    assert code == 0
    stood, goes_on = errors.splitlines()
    assert stood == f"scrapy crawl: the event loop has stood still for 1 s {AT_WORK}"
    assert goes_on.startswith("scrapy crawl: the event loop goes on: it had stood still for ")
    assert goes_on.endswith(f" s {AT_WORK}")
    assert re.search(f"the longest turn of the event loop: .* s, in or after {AT_WORK[3:]}", crawl.log)
    assert not watchdog.is_running(), "it ends before the crawl"


@pytest.mark.slow
def test_a_signal_that_comes_while_the_loop_hangs_still_finishes_the_files(hang: Callable[..., Crawl]) -> None:
    crawl = hang("short")
    crawl.process.terminate()
    code, errors = crawl.end()
    assert code == 143
    assert errors.startswith("scrapy crawl: SIGTERM was heard, but the event loop stands still")
    assert errors.count("\n") == 1
    assert crawl.titles == ["Story a0", "Story a1"]
    assert [run["outcome"] for run in crawl.runs] == ["interrupted"]


@pytest.mark.slow
def test_the_budget_ends_a_loop_that_hangs(hang: Callable[..., Crawl]) -> None:
    code, errors = hang("sleep", "budget=2", ENDING_TIME=1).end()
    assert code == -signal.SIGKILL
    assert errors == (
        f"scrapy crawl: the run did not end in time after its budget: killed {AT_WORK}; the next run finishes its files\n"
    )


@pytest.mark.slow
def test_a_second_signal_kills_at_once(hang: Callable[..., Crawl]) -> None:
    crawl = hang("digest", ENDING_TIME=600)
    crawl.process.terminate()
    assert crawl.process.stderr
    crawl.process.stderr.readline()
    crawl.process.terminate()
    code, errors = crawl.end()
    assert code == -signal.SIGKILL
    assert errors.startswith("scrapy crawl: the run did not end in time after a second SIGTERM: killed")


@pytest.mark.slow
def test_a_killed_crawl_leaves_no_watchdog(hang: Callable[..., Crawl]) -> None:
    crawl = hang("sleep")
    (watchdog,) = crawl.watchdogs()
    crawl.process.kill()
    assert crawl.end() == (-signal.SIGKILL, "")
    _gone, alive = psutil.wait_procs([watchdog], timeout=10)
    assert alive == []


@pytest.mark.slow
def test_a_signal_that_comes_twice_at_once_is_one(start: Callable[..., Crawl], tmp_path: Path) -> None:
    """`timeout` sends it to the process and to its group."""
    here = tmp_path / "here"
    crawl = start("endless", f"here={here}")
    crawl.wait_until(here.exists)
    for _ in range(2):
        crawl.process.terminate()
        time.sleep(0.1)
    assert crawl.end() == (143, "")
    assert crawl.titles[0] == "Story a0"
    assert not list(crawl.data.rglob("*.part"))


@pytest.mark.slow
def test_a_crawl_that_was_stopped_has_not_hung(start: Callable[..., Crawl], tmp_path: Path) -> None:
    here = tmp_path / "here"
    crawl = start("endless", f"here={here}", LOOP_STALL=1, ENDING_TIME=1)
    crawl.wait_until(here.exists)
    crawl.process.send_signal(signal.SIGSTOP)
    crawl.process.terminate()
    time.sleep(6)
    crawl.process.send_signal(signal.SIGCONT)
    assert crawl.end() == (143, "")


@pytest.mark.slow
def test_a_crawl_outlives_its_watchdog(start: Callable[..., Crawl], tmp_path: Path) -> None:
    here = tmp_path / "here"
    crawl = start("endless", f"here={here}")
    crawl.wait_until(here.exists)
    (watchdog,) = crawl.watchdogs()
    watchdog.kill()
    crawl.process.terminate()
    assert crawl.end() == (143, "")
    assert [run["outcome"] for run in crawl.runs] == ["interrupted"]
