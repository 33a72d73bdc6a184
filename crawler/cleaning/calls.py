"""Calls to worker processes: what one may cost, and the ways in which it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class CallError(Exception):
    """A call that gave nothing: what it raised in the worker, with the traceback from there in `traceback`."""

    def __init__(self, detail: str, traceback: str = ""):
        super().__init__(detail)
        self.traceback = traceback


class CallTimeoutError(CallError):
    """A call over its time budget."""


class WorkerDiedError(CallError):
    """A call that ended its worker: out of memory, or killed by a signal."""


class NoWorkerError(CallError):
    """Workers cannot be started; the detail says why."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one call may cost, in seconds and megabytes (0: no limit), and after how many calls its worker is replaced."""

    seconds: float = 20.0
    megabytes: int = 1024
    calls: int = 1000


@dataclass(slots=True, eq=False)
class Call:
    """A function to be run in a worker, and the future of its result."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    result: asyncio.Future[Any]
    again: bool = False  # a worker that was at it is gone, through no fault of this call

    def fail(self, error: CallError) -> None:
        """Hand the error to whoever waits, if anyone still does."""
        if not self.result.done():
            self.result.set_exception(error)
