"""What a worker does to pages when a test wants some of them to be its end: each page says which."""

from __future__ import annotations

import os
import re
import signal

from cleaners.blocks import Document
from cleaners.page import Page, SiteRules
from crawler.cleaning.wire import Packed, pack


def clean(page: Page, _rules: SiteRules | None) -> Packed:
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
    return pack(Document("", title=page.html.decode()))
