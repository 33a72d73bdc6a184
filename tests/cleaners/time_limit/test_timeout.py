"""A call with a timeout returns what it would without one, or a reject; its caller is never harmed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cleaners import Page, RejectReason, SiteRules, StripRule, clean_html, clean_page, clean_text, remember
from cleaners.time_limit.child_process import ChildDiedError, OverdueError, call_within

ROOT = Path(__file__).resolve().parents[3]
URL = "https://planet.example/2026/03/quay"
STORY = "The council met on Tuesday and agreed to repair the northern quay before the winter storms come in. "
LONG = 60  # seconds that nothing here takes


def page(name: str) -> bytes:
    return (
        f"<html><head><title>Quay {name}</title></head><body><h1>Quay {name}</h1><p>So {name} was told. {STORY * 6}</p>"
        "<aside>Buy one ticket, and come with a friend.</aside></body></html>"
    ).encode()


def test_with_time_enough_nothing_changes() -> None:
    rules = SiteRules(name="Planet", strip=(StripRule("//aside", "promotion"),))
    memory = remember(clean_html(page(name), URL) for name in "abc")
    for options in ({}, {"rules": rules}, {"rules": rules, "memory": memory}, {"headers": {"x-robots-tag": "noai"}}):
        assert clean_html(page("x"), URL, timeout=LONG, **options) == clean_html(page("x"), URL, **options)
    assert clean_page(Page(URL, page("x")), timeout=LONG) == clean_page(Page(URL, page("x")))
    assert clean_text(STORY * 4, timeout=LONG) == clean_text(STORY * 4)
    assert clean_html(b"%PDF-1.7", URL, timeout=LONG).reject == clean_html(b"%PDF-1.7", URL).reject


def test_a_page_that_takes_longer_is_a_reject_and_the_next_one_is_cleaned() -> None:
    clean_html(page("a"), URL, timeout=LONG)
    before = time.monotonic()
    slow = "".join(f"<p>{STORY}{number}</p>" for number in range(20_000))
    document = clean_html(f"<html><body>{slow}</body></html>".encode(), URL, timeout=0.2)
    assert document.reject is not None
    assert (document.reject.reason, document.reject.detail) == (RejectReason.CLEANING_TIMEOUT, "not done after 0.2 s")
    assert time.monotonic() - before < LONG / 2
    assert clean_html(page("b"), URL, timeout=LONG).title == "Quay b"


def hang() -> None:
    re.match(r"(a+)+$", "a" * 64 + "b")  # in C, where no thread and no signal handler of Python gets a turn


def eat() -> None:
    raise MemoryError


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave() -> None:
    os._exit(7)


class OddError(Exception):
    def __init__(self, one: int, other: int):
        super().__init__(f"{one} and {other}")


def fail(kind: type[Exception]) -> None:
    raise OddError(1, 2) if kind is OddError else kind("a bug")


def test_whatever_ends_the_process_says_so() -> None:
    with pytest.raises(OverdueError, match=r"not done after 0\.5 s"):
        call_within(0.5, hang)
    for end, said in ((eat, "needs more memory than there is"), (kill, "SIGKILL"), (leave, "exit code 7")):
        with pytest.raises(ChildDiedError, match=said):
            call_within(LONG, end)


def test_an_error_is_the_caller_s_as_without_a_timeout() -> None:
    child = call_within(LONG, os.getpid)
    with pytest.raises(LookupError, match="a bug"):
        call_within(LONG, fail, LookupError)
    with pytest.raises(RuntimeError, match="OddError: 1 and 2"):
        call_within(LONG, fail, OddError)
    with pytest.raises(TypeError):
        clean_html("text", URL, timeout=LONG)  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r"pickle"):
        call_within(LONG, lambda: 1)
    assert call_within(LONG, os.getppid) == os.getpid()
    assert child != os.getpid()


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_timeout_is_a_time(seconds: float) -> None:
    with pytest.raises(ValueError, match="must be more than 0 seconds"):
        clean_html(page("a"), URL, timeout=seconds)


def test_threads_take_turns_in_one_process() -> None:
    with ThreadPoolExecutor(8) as threads:
        titles = list(threads.map(lambda name: clean_html(page(name), URL, timeout=LONG).title, "abcdefghijklmnop"))
        assert titles == [f"Quay {name}" for name in "abcdefghijklmnop"]
        assert len(set(threads.map(lambda _: call_within(LONG, os.getpid), range(8)))) == 1


def test_a_forked_process_has_a_child_of_its_own() -> None:
    child = call_within(LONG, os.getpid)
    reader, writer = os.pipe()
    if not (forked := os.fork()):
        os.write(writer, str(call_within(LONG, os.getpid)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answers:
        assert int(answers.read()) not in (child, forked, os.getpid())
    os.waitpid(forked, 0)
    assert call_within(LONG, os.getpid) == child


SCRIPT = """
import os
from cleaners import clean_html
from cleaners.time_limit.child_process import call_within
print(call_within(60, os.getpid), flush=True)
{}
"""


@pytest.mark.parametrize("end", ["", "os.kill(os.getpid(), 9)", "import time; call_within(2, time.sleep, 600)"])
def test_the_child_ends_with_its_caller(end: str, tmp_path: Path) -> None:
    """The caller is a script without a guard for its main module, in a folder with modules of its own."""
    (tmp_path / "random.py").write_text("raise SystemExit('not this one')")
    with subprocess.Popen(
        [sys.executable, "-P", "-c", SCRIPT.format(end)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as script:  # fmt: skip
        assert script.stdout
        child = int(script.stdout.readline())
        if "sleep" in end:
            script.kill()
    deadline = time.monotonic() + LONG
    while is_alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
