"""Tune this process: garbage collection, the C heap, how many cores there are."""

from __future__ import annotations

import ctypes
import gc
import os
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def usable_cores() -> int:
    """Count the cores that this process may use; a container or `taskset` may allow fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# malloc.h of glibc
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
# Bytes. From this size on a buffer is given back to the system when it is freed: pages, but not what one read of a socket
# takes, 64 KB. It is glibc's own default, which it raises with each larger buffer that is freed.
_LARGE = 128 * 1024
_SPARE = 8 * 1024 * 1024  # that the heap keeps at its top for what comes next


def keep_heap_compact() -> None:
    """Keep large buffers out of the heap. Does nothing where the C library is not glibc.

    By default glibc stops to do so once it has freed one: it then takes pages from the heap, where what outlives them
    leaves holes, and the heap of a long crawl grows to three times what is in use.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_TRIM_THRESHOLD, _SPARE)


@contextmanager
def gc_disabled() -> Iterator[None]:
    """Disable the garbage collector meanwhile, and exempt for good what exists at the end."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def collect_rarely() -> None:
    """Look for garbage every few pages, instead of once or twice a page as by default."""
    gc.set_threshold(10_000, 5, 5)


def freeze_at_exit() -> None:
    """Freeze all objects at the end of a process, so that the interpreter does not search them once more."""
    gc.freeze()


class _LeftBehindThread(Thread):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs, daemon=True)

    def join(self, timeout: float | None = None) -> None:
        super().join(timeout or 0.0)


def leave_threads_behind() -> None:
    """Let this process end while threads of Twisted's pool are still at work: to look up a name may take a minute."""
    from twisted.internet import reactor

    reactor.getThreadPool().threadFactory = _LeftBehindThread
