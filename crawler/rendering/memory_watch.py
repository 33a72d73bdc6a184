"""Watch what all processes of Chromium take while pages render, and kill what takes too much.

V8's limit counts a page's objects, not its buffers, canvases, bitmaps, wasm memory, workers or frames.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import Error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

logger = logging.getLogger(__name__)

_PROC = Path("/proc")  # of Linux; elsewhere nothing is watched
_SECONDS = 0.5  # between two looks


class BrowserMemoryError(Exception):
    """Raised for a page that was being rendered when Chromium, or its part of it, was killed for its memory."""


@dataclass(frozen=True, slots=True)
class ProcessMemory:
    """Hold a process, and the bytes that it does not share with files: shared libraries count for nobody."""

    pid: int
    parent: int
    size: int

    def command(self) -> list[bytes]:
        """Return the command line; empty for a process that has ended."""
        with suppress(OSError):
            return (_PROC / str(self.pid) / "cmdline").read_bytes().split(b"\0")
        return []


class MemoryWatch:
    """Kills the heaviest page's process while Chromium takes more than `limit_mb`, or all of Chromium if it is no page's.

    `flag` is a flag that tells our browser from others.
    """

    def __init__(self, limit_mb: int, flag: str):
        self._limit_mb, self._flag = limit_mb, flag.encode()
        self._pages = 0
        self._looking: asyncio.Future[None] | None = None
        self._kills = 0
        self._why = ""

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Watch while a page is rendered. Raises BrowserMemoryError in place of the playwright Error that a kill causes."""
        before = self._kills
        self._pages += 1
        if self._looking is None and self._limit_mb > 0 and _PROC.is_dir():
            self._looking = asyncio.ensure_future(self._look())
        try:
            yield
        except Error:
            if self._kills > before:
                raise BrowserMemoryError(self._why) from None
            raise
        finally:
            self._pages -= 1
            if not self._pages and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_SECONDS)
            # In a thread: a busy machine has thousands of processes to read about.
            used = await asyncio.to_thread(read_browser, os.getpid(), self._flag)
            total_mb = sum(process.size for process in used) // (1024 * 1024)
            if total_mb > self._limit_mb:
                self._kill(used, total_mb)

    def _kill(self, used: list[ProcessMemory], total_mb: int) -> None:
        self._kills += 1
        self._why = f"Chromium took {total_mb:,} MB, more than RENDER_MEMORY_MB ({self._limit_mb:,})"
        heaviest = max(used, key=lambda process: process.size)
        of_one_page = b"--type=renderer" in heaviest.command()
        logger.warning("%s; killing %s", self._why, "the page that takes most" if of_one_page else "it")
        for process in [heaviest] if of_one_page else used:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)


def read_browser(ancestor: int, flag: bytes) -> list[ProcessMemory]:
    """Return the processes of the browser that descends from the process `ancestor` and was started with `flag`."""
    children: dict[int, list[ProcessMemory]] = {}
    for process in _processes():
        children.setdefault(process.parent, []).append(process)
    found = []
    waiting = [(process, False) for process in children.get(ancestor, ())]
    while waiting:
        process, is_browser = waiting.pop()
        is_browser = is_browser or flag in process.command()
        if is_browser:
            found.append(process)
        waiting += [(child, is_browser) for child in children.get(process.pid, ())]
    return found


def _processes() -> Iterator[ProcessMemory]:
    for folder in _PROC.iterdir():
        if not folder.name.isdecimal():
            continue
        with suppress(OSError):  # it has ended
            lines = (folder / "status").read_text(encoding="utf-8", errors="replace").splitlines()
            fields = dict(line.split(":", 1) for line in lines if ":" in line)
            size = sum(int(fields.get(name, "0 kB").split()[0]) for name in ("RssAnon", "RssShmem"))
            yield ProcessMemory(int(folder.name), int(fields.get("PPid", 0)), size * 1024)
