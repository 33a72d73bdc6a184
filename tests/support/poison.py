"""What a worker does to pages and calls when a test wants some of them to be its end."""

from __future__ import annotations

import os
import re
import signal
import time
from functools import partial
from typing import TYPE_CHECKING

from cleaners.document import Document
from crawler.workers.clean_task import CleanedResult, pack_result

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cleaners.page import Page, SiteRules


def clean(page: Page, _rules: SiteRules | None) -> bytes:
    """A page that says so hangs, eats memory, raises, or kills the process; of all others, their title."""
    if b"HANG" in page.html:
        re.match(r"(a+)+$", "a" * 64 + "b")  # in C, where no thread and no signal handler of Python gets a turn
    if b"EAT" in page.html:
        eaten = b"x" * (1 << 20)
        while True:
            eaten += eaten
    if b"SEGFAULT" in page.html:
        os.kill(os.getpid(), signal.SIGSEGV)
    if b"KILL" in page.html:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"RAISE" in page.html:
        raise LookupError("a cleaner is at a loss")
    return pack_result(CleanedResult(Document("", title=page.html.decode()), b""))


def hang_at_first(mark: Path) -> str:
    """Write the ids of the worker and its server to `mark` and hang; where `mark` is there already, come back at once."""
    if mark.exists():
        return "done"
    part = mark.with_suffix(".part")
    part.write_text(f"{os.getpid()} {os.getppid()}")
    part.rename(mark)
    time.sleep(600)
    return "never"


def end_all() -> None:
    """Take the server along."""
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(600)


def burn(seconds: float) -> float:
    """Use so much CPU time; what this process has used."""
    while (used := time.process_time()) < seconds:
        pass
    return used


_read: list[str] = []


def warm_up_at_leisure(mark: Path) -> tuple[Callable[[], None], ...]:
    """A warm-up that leaves three things to be done later, of which one fails, and the last writes `mark`."""

    def fail() -> None:
        raise LookupError("no such model")

    return partial(_read.append, "models"), fail, mark.touch


def warm_up_for_long() -> tuple[Callable[[], None], ...]:
    """A warm-up that leaves to later what takes longer than any test."""
    return (partial(time.sleep, 600),)


def read() -> list[str]:
    """What was read at leisure."""
    return _read


def fill(megabytes: int) -> int:
    """Take so much memory for a moment."""
    return len(b"x" * (megabytes << 20)) >> 20


def niceness_after(seconds: float) -> tuple[int, int]:
    """Work for so long; the process and its niceness then."""
    burn(time.process_time() + seconds)
    return os.getpid(), os.nice(0)


def wait_for(mark: Path) -> str:
    """Write a file beside `mark`, and wait until `mark` is there."""
    mark.with_name(str(os.getpid())).touch()
    while not mark.exists():
        time.sleep(0.01)
    return "waited"


def fail_to_find(what: str) -> None:
    """Raise."""
    raise LookupError(what)
