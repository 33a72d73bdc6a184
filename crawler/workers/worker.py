"""Serve one call after another from a socket; report when each begins, and its result.

The fork server runs this in a process of its own. It imports only what the calls need: neither Scrapy nor Twisted.
"""

from __future__ import annotations

import ctypes
import logging
import os
import resource
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from crawler.workers.protocol import STARVED, CallAnswer, CallBegun, FrameReader, WorkerReady, frame

if TYPE_CHECKING:
    import socket

_READ = 1 << 20  # bytes at once
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_MEGABYTE = 1 << 20

_Call = tuple[Callable[..., Any], tuple[Any, ...]]


class LogCapture(logging.Handler):
    """Keep what is logged while a call runs, because another process writes the log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.kept: list[tuple[str, int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append((record.name, record.levelno, record.getMessage()))

    def take(self) -> list[tuple[str, int, str]]:
        """Return the log records kept since the last call."""
        taken, self.kept = self.kept, []
        return taken


def serve_calls(channel: socket.socket, megabytes: int, notes: LogCapture) -> None:
    """Work until the other end closes, and grow by no more than that meanwhile; 0 sets no limit."""
    calls: SimpleQueue[_Call] = SimpleQueue()
    threading.Thread(target=_receive, args=(channel, calls), daemon=True).start()
    _limit_memory(megabytes)
    begun = frame(CallBegun())
    with suppress(OSError):  # the other end is closed
        channel.sendall(frame(WorkerReady(os.getpid())))
        while True:
            call = calls.get()
            channel.sendall(begun)
            channel.sendall(answer_call(call, notes))


def answer_call(call: _Call, notes: LogCapture) -> bytes:
    """Run a call and encode its result. Ends the process where its memory limit is too small for the call."""
    function, arguments = call
    try:
        return frame(CallAnswer(function(*arguments), log=notes.take()))
    except MemoryError:
        os._exit(STARVED)  # nobody knows what it left behind
    except Exception as error:
        return frame(failure_answer(error, notes))


def failure_answer(error: Exception, notes: LogCapture) -> CallAnswer:
    """Build the answer for an exception while it is being handled."""
    line = f"{type(error).__name__}: {error}".rstrip(": ")
    return CallAnswer(failure=line, traceback=traceback.format_exc(), log=notes.take())


def _receive(channel: socket.socket, calls: SimpleQueue[_Call]) -> None:
    """Read ahead, so that the next page is here when this one is done; end the process with the connection."""
    reader = FrameReader()
    buffer = memoryview(bytearray(_READ))
    try:
        while size := channel.recv_into(buffer):
            for call in reader.feed(buffer[:size]):
                calls.put(call)
    except MemoryError:
        os._exit(STARVED)
    except OSError:
        pass  # closed while something was under way
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent goes, even in the middle of a regular expression."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it went before that
        os._exit(0)


def _limit_memory(megabytes: int) -> None:
    """Let the process grow by so much from here; 0 sets no limit. Only Linux tells how large it is."""
    size = Path("/proc/self/statm")
    if megabytes and size.exists():
        pages = int(size.read_text().split()[0])
        limit = pages * resource.getpagesize() + megabytes * _MEGABYTE
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
