"""Watch a crawl from a process of its own: tell when its event loop stands still, and kill it where it does not end in time.

    python -I -S watchdog_process.py PAGE PIPE PARENT STALL ENDING NAME LOG

PAGE is the file descriptor of a page of memory that the crawl writes to, see LoopRecord. PIPE brings a byte for each signal, as
`signal.set_wakeup_fd` writes them even while the interpreter is stuck in C code, and its end tells that the crawl has ended.
The imports are few, so that the process takes little: it starts with each crawl.
"""

from __future__ import annotations

import mmap
import os
import select
import signal
import struct
import sys
import time

# When the turn began (0 between two), how long the run may take (0: no limit), whether it finishes its files, whether the note
# tells of work at hand (or of the last), and the length of the note, which follows.
HEADER = struct.Struct("=dd??H")
NOTE_BYTES = 400
PAGE_BYTES = HEADER.size + NOTE_BYTES
# Seconds on top of ENDING_TIME, after which a run that has still not ended is killed.
GRACE = 3.0
# Seconds that a run has for its own files, at least: they may be large. With all else it stays below the 90 of systemd.
FINISHING = 60.0

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_RECOVERY = "the next run finishes its files"
_TICK = 0.25  # seconds between two looks
_MOST = 2.0  # seconds that count between two looks: after more, this process or the whole machine was asleep
_HEARD = 1.0  # seconds that the loop has to react to a signal
_ONE_SIGNAL = 0.5  # seconds in which another signal is the same: `timeout` sends it to the process and to its group


class Watch:
    """Follow the page of one crawl, by the time that passes here: a crawl that was stopped for an hour has not hung."""

    def __init__(self, page: bytearray | mmap.mmap, stall: float, ending: float):
        self.kills = False  # the crawl has to be killed, and the last line said why
        self._page, self._stall, self._grace = page, stall, ending + GRACE
        self._turn = self._age = 0.0
        self._told = ""
        self._heard, self._since = "", 0.0
        self._budget, self._left, self._cause = 0.0, float("inf"), ""
        self._finishing = False

    def hear(self, number: int) -> list[str]:
        """Respond to a signal that has reached the crawl; return what to say."""
        name = signal.Signals(number).name
        if self._heard:
            if self._since >= _ONE_SIGNAL:
                self._limit(2 * _TICK, f"a second {name}")  # most often it kills by itself
            return []
        lines = self.look()
        self._limit(FINISHING if self._finishing else self._grace, name)
        if self._turn:  # else it wakes up at once
            self._heard, self._since = name, 0.0
        return lines

    def pass_time(self, seconds: float) -> list[str]:
        """Respond to what the page says now, so many seconds after the last time; return what to say."""
        lines = self.look(seconds)
        self._left -= seconds
        if self._heard:
            before, self._since = self._since, self._since + seconds
            if before < _HEARD <= self._since:
                lines.append(
                    f"{self._heard} was heard, but the event loop stands still {self._where()}; "
                    f"the run ends as soon as it goes on, or is killed in {self._left:.0f} s"
                )
        if self._age >= self._stall > 0 and not self._told and self._note():
            self._told = self._where()
            lines.append(f"the event loop has stood still for {self._age:.0f} s {self._told}")
        if self._left <= 0:
            self.kills = True
            lines.append(f"the run did not end in time after {self._cause}: killed {self._where()}; {_RECOVERY}")
        return lines

    def look(self, seconds: float = 0.0) -> list[str]:
        """Read the page, so many seconds after the last time; return what to say if the loop goes on."""
        lines = []
        turn, budget, finishing, _, _ = HEADER.unpack_from(self._page)
        if turn and turn == self._turn:
            self._age += seconds
        else:
            if self._told:
                lines.append(f"the event loop goes on: it had stood still for {self._age:.0f} s {self._told}")
            self._turn, self._age, self._told, self._heard = turn, 0.0, "", ""
        if budget != self._budget:
            self._budget = budget
            self._limit(budget + self._grace, "its budget")
        if finishing and not self._finishing:
            self._finishing, self._left = True, max(self._left, FINISHING)
        return lines

    def _limit(self, seconds: float, cause: str) -> None:
        if seconds < self._left:
            self._left, self._cause = seconds, cause

    def _where(self) -> str:
        note = self._note()
        if not note:
            return "before the crawl began"
        *_, active, _ = HEADER.unpack_from(self._page)
        return f"{'in' if active else 'after'} {''.join(char if char.isprintable() else '?' for char in note)}"

    def _note(self) -> str:
        """Return the note; there is none before the crawl has begun, which may first read its URLs from a terminal."""
        *_, length = HEADER.unpack_from(self._page)
        return self._page[HEADER.size : HEADER.size + length].decode(errors="replace")


def main() -> None:
    """Watch until the crawl ends, or has to be killed."""
    descriptor, pipe, parent = (int(argument) for argument in sys.argv[1:4])
    stall, ending = (float(argument) for argument in sys.argv[4:6])
    for ignored in _SIGNALS:  # systemd sends them to all; we end with the crawl
        signal.signal(ignored, signal.SIG_IGN)
    watch = Watch(mmap.mmap(descriptor, PAGE_BYTES, prot=mmap.PROT_READ), stall, ending)
    last = time.monotonic()
    while not watch.kills:
        lines = []
        if select.select([pipe], [], [], _TICK)[0]:
            numbers = os.read(pipe, 64)
            if not numbers:
                for line in watch.look():
                    _say(line)
                return
            for heard in numbers:
                if heard in _SIGNALS:
                    lines += watch.hear(heard)
        now = time.monotonic()
        if not watch.kills and not _is_stopped(parent):
            lines += watch.pass_time(min(now - last, _MOST))
        last = now
        if os.getppid() != parent:
            return
        for line in lines:
            _say(line)
    os.kill(parent, signal.SIGKILL)


def _is_stopped(process: int) -> bool:
    """Tell whether a process was stopped, by Ctrl-Z or a debugger. Only Linux tells."""
    try:
        with open(f"/proc/{process}/stat", "rb") as stat:  # noqa: PTH123  # pathlib would double what this process takes
            return stat.read().rpartition(b") ")[2][:1] in (b"T", b"t")
    except OSError:
        return False


def _say(line: str) -> None:
    """Write a line to stderr and to the crawl's log. A reader that has gone or is stuck must not hold us up."""
    name, log = sys.argv[6:8]
    try:
        if select.select([], [2], [], 0)[1]:
            clear = "\r\x1b[K" if os.isatty(2) else ""  # the progress line
            os.write(2, f"{clear}{name}: {line}\n".encode())
    except OSError:
        pass
    try:
        if log:
            with open(log, "a", encoding="utf-8") as file:  # noqa: PTH123
                file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} [watchdog] ERROR: {line}\n")
    except OSError:
        pass


if __name__ == "__main__":
    main()
