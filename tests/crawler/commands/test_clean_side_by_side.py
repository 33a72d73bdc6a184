"""Test `scrapy clean` with worker processes: the same lines in the same order as without them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.clean_pages import story

ROOT = Path(__file__).resolve().parents[3]
SCRAPY = str(Path(sys.executable).with_name("scrapy"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(40):
        (tmp_path / f"{number:02}.html").write_bytes(story(f"number {number}") if number % 7 else b"<p>Short.</p>")
    (tmp_path / "00.html").write_bytes(
        story("a long one, which takes longer than all others").replace(b"<p>", b"<p>x" * 400)
    )
    return tmp_path


def start(folder: Path, *options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [SCRAPY, "clean", str(folder), *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def timeless(lines: bytes) -> list[dict[str, object]]:
    """Return the records without what differs between runs."""
    return [{**json.loads(line), "run": "", "fetched": ""} for line in lines.splitlines()]


def test_processes_change_neither_records_nor_their_order(folder: Path) -> None:
    runs = [start(folder, "--jobs", jobs) for jobs in ("0", "2")]
    (alone, alone_rejects), (beside, beside_rejects) = (run.communicate(timeout=60) for run in runs)
    assert [run.returncode for run in runs] == [0, 0]
    assert timeless(beside) == timeless(alone)
    assert timeless(beside_rejects) == timeless(alone_rejects)
    assert [record["title"] for record in timeless(beside)][1:3] == ["Story number 1", "Story number 2"]
    assert [reject["reason"] for reject in timeless(beside_rejects)] == ["not_article"] * 5


@pytest.mark.slow
def test_a_file_over_its_budget_is_a_reject_that_names_it(folder: Path) -> None:
    (folder / "20.html").write_bytes(story("a book").replace(b"<p>", b"<p>One of its words.<p>Another one." * 50_000))
    (folder / "22.html").unlink()
    os.mkfifo(folder / "22.html")  # nobody will ever write into it
    with start(folder, "--jobs", "1", "-s", "CLEAN_TIMEOUT=2") as run:
        out, err = run.communicate(timeout=100)
    rejects = [(reject["reason"], reject["detail"]) for reject in timeless(err)]
    assert ("cleaning_timeout", f"{folder / '20.html'}: not done after 2 s") in rejects
    assert ("unreadable", f"{folder / '22.html'}: a named pipe, not a regular file") in rejects
    assert len(timeless(out)) == 33, "no other is lost"


@pytest.mark.parametrize("options", [("FILE",), ("-",), ("FILE", "--jobs", "0")])
def test_one_page_alone_has_the_same_budget(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "a.html").write_bytes(story("a long one"))
    names = [str(tmp_path / "a.html") if option == "FILE" else option for option in options]
    done = subprocess.run(
        [SCRAPY, "clean", *names, "-s", "CLEAN_TIMEOUT=0.01"], cwd=ROOT, capture_output=True, check=False,
        input=story("a long one"), timeout=100,
    )  # fmt: skip
    (reject,) = timeless(done.stderr)
    assert (reject["reason"], reject["detail"]) == ("cleaning_timeout", f"{names[0]}: not done after 0.01 s")
    assert (done.returncode, done.stdout) == (1, b"")


def test_a_reader_that_leaves_ends_it_quietly_with_its_processes(folder: Path) -> None:
    with start(folder, "--jobs", "2") as run:
        assert run.stdout
        assert run.stderr
        assert run.stdout.readline()
        workers = psutil.Process(run.pid).children(recursive=True)
        run.stdout.close()
        assert run.wait(30) in (-signal.SIGPIPE, 0)
        assert b"Traceback" not in run.stderr.read()
    assert len(workers) == 3, "two, and what forks them"
    assert psutil.wait_procs(workers, 5)[1] == []
