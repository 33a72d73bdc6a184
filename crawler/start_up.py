"""The garbage collector: not at start-up, where what is imported stays, and to look for garbage in it takes an eighth of the
time; seldom while pages come and go; and not at the end."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_off() -> Iterator[None]:
    """No collections meanwhile, and none of what is there at the end ever after."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def collect_seldom() -> None:
    """Look for garbage every few pages, instead of once or twice a page as by default."""
    gc.set_threshold(10_000, 5, 5)


def collect_no_more() -> None:
    """At the end of a process, which takes everything with it: the interpreter would look through all of it once more."""
    gc.freeze()
