"""Start a crawl's watchdog, a process that hears signals and sees that the event loop turns, whatever the loop is stuck in."""

from __future__ import annotations

import logging
import mmap
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crawler.run import watchdog_process
from crawler.run.loop_record import LoopRecord
from crawler.run.watchdog_process import PAGE_BYTES
from crawler.workers.fork_server_client import wait_or_kill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

# Seconds that it may take to end with the crawl, on a machine that is busy otherwise.
_PATIENCE = 5.0


@contextmanager
def watched(name: str, log: Path | None, *, stall: float, ending: float) -> Iterator[LoopRecord]:
    """Have a process watch this one meanwhile, by the record that its event loop keeps; call it in the main thread.

    It speaks on stderr, as `name`, and in the log file: after `stall` seconds in which the loop did not turn (0: never), and where
    a signal is not heard. It kills this process where a run does not end within `ending` seconds of its budget or a signal.
    """
    shared, (pipe, wakeup) = _shared_file(), os.pipe()
    os.ftruncate(shared, PAGE_BYTES)
    os.set_blocking(wakeup, False)
    page = mmap.mmap(shared, PAGE_BYTES)
    arguments = (shared, pipe, os.getpid(), stall, ending, name, log or "")
    try:
        process = _start(arguments, (shared, pipe))
        # This process keeps its own `pipe` open, so that a signal finds a reader even if the watchdog was killed.
        before = signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        try:
            yield LoopRecord(page)
        finally:
            signal.set_wakeup_fd(before)
    finally:
        for descriptor in (wakeup, pipe, shared):
            os.close(descriptor)
        if process:
            wait_or_kill(process, _PATIENCE)


def _shared_file() -> int:
    """Return a file descriptor of memory, of a nameless file where the system has no such thing."""
    if sys.platform == "linux":
        return os.memfd_create("winnow-loop")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _start(arguments: tuple[object, ...], descriptors: tuple[int, ...]) -> subprocess.Popen[bytes] | None:
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", watchdog_process.__file__, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # records go there
            pass_fds=descriptors,
            process_group=0,  # Ctrl-C is for the crawl
        )
    except OSError as error:
        logger.warning("no watchdog can be started, so nothing ends a crawl that hangs: %s", error.strerror)
        return None
