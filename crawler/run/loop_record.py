"""Record what a crawl's event loop is at, in memory that a watchdog reads along, and how long its turns take."""

from __future__ import annotations

import selectors
from contextlib import contextmanager
from struct import Struct
from time import monotonic, thread_time
from typing import TYPE_CHECKING

from crawler.run.watchdog_process import HEADER, NOTE_BYTES, PAGE_BYTES

if TYPE_CHECKING:
    import mmap
    from collections.abc import Iterator

_SECONDS, _FLAG, _NOTE = Struct("=d"), Struct("=?"), Struct("=?H")
_TURN, _BUDGET, _FINISHING, _ACTIVE = 0, 8, 16, 17  # where HEADER has them


class LoopRecord:
    """Hold what the event loop is at, and the longest of its turns; nobody else reads along without a shared page.

    A turn is what the loop does between two waits: nothing else happens meanwhile. `longest` is in seconds, while outlets are
    crawled, and `longest_work` says what it was in; `longest_at_end` is that of the end, when files are finished. `longest_cpu`
    is the most CPU time that a turn took while outlets are crawled: on a busy machine most of a turn is other programs' time.
    """

    def __init__(self, page: bytearray | mmap.mmap | None = None):
        self.longest = self.longest_cpu = self.longest_at_end = 0.0
        self.longest_work = ""
        self._page = bytearray(PAGE_BYTES) if page is None else page
        self._began = self._began_cpu = 0.0
        self._work, self._active, self._finishing = "", False, False

    @contextmanager
    def at_work(self, site: str, what: str) -> Iterator[None]:
        """Note that this work for a site is at hand, such as "reading the feed URL". Never across an `await`."""
        outer = self._work if self._active else ""
        self._note(f"{site}: {what}")
        try:
            yield
        finally:
            if outer:
                self._note(outer)
            else:
                self._active = False
                _FLAG.pack_into(self._page, _ACTIVE, False)

    def set_budget(self, seconds: float) -> None:
        """Tell the watchdog how long the run may take from now."""
        _SECONDS.pack_into(self._page, _BUDGET, seconds)

    def finish(self) -> None:
        """Note that no outlet's work is left: the run finishes its own files."""
        self._finishing = True
        self._note("finishing the files")
        _FLAG.pack_into(self._page, _FINISHING, True)

    def start_crawl(self) -> None:
        """Forget the turns so far: they imported and opened what the crawl needs, and may have read a terminal."""
        with self.at_work("the crawl", "opening the spider"):
            self.longest, self.longest_cpu, self.longest_work = 0.0, 0.0, ""
        self.begin_turn()

    def begin_turn(self) -> None:
        """Note that the loop has something to do."""
        self._began, self._began_cpu = monotonic(), thread_time()
        _SECONDS.pack_into(self._page, _TURN, self._began)

    def end_turn(self) -> None:
        """Note that the loop waits."""
        if not self._began:
            return
        took = monotonic() - self._began
        if self._finishing:
            self.longest_at_end = max(took, self.longest_at_end)
        else:
            self.longest_cpu = max(thread_time() - self._began_cpu, self.longest_cpu)
            if took > self.longest:
                self.longest, self.longest_work = took, self._work
        self._began = 0.0
        _SECONDS.pack_into(self._page, _TURN, 0.0)

    def _note(self, work: str) -> None:
        self._work, self._active = work, True
        data = work.encode(errors="replace")[:NOTE_BYTES]
        _NOTE.pack_into(self._page, _ACTIVE, True, len(data))
        self._page[HEADER.size : HEADER.size + len(data)] = data


class TurnSelector(selectors.DefaultSelector):
    """Wait for an event loop's sockets as usual, and record its turns: `asyncio.SelectorEventLoop(TurnSelector(record))`."""

    def __init__(self, record: LoopRecord) -> None:
        super().__init__()
        self._record = record

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._record.end_turn()
        try:
            return super().select(timeout)
        finally:
            self._record.begin_turn()
