"""Run calls in a thread of this process, where a debugger or profiler sees them. Nothing limits what they cost."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.workers.protocol import CallError

_P = ParamSpec("_P")
_T = TypeVar("_T")


class ThreadRunner:
    """Run one call at a time in a thread; what WorkerPool offers, without its limits."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="worker")
        self._waiting: set[asyncio.Future[Any]] = set()

    def expect(self) -> None:
        """Do nothing: the thread starts at once."""

    async def run(self, function: Callable[_P, _T], *arguments: _P.args, **_: _P.kwargs) -> _T:
        """Return the result of `function(*arguments)`. Raises whatever it raised."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[_T] = loop.create_future()
        self._waiting.add(result)
        loop.run_in_executor(self._executor, function, *arguments).add_done_callback(
            lambda call: _pass_on(call, result)
        )
        try:
            return await result
        finally:
            self._waiting.discard(result)

    def drop_waiting(self, error: CallError) -> None:
        """Fail all calls: which of them has begun, nobody knows."""
        for result in self._waiting:
            if not result.done():
                result.set_exception(error)

    def give_up(self, error: CallError) -> None:
        """Fail all calls; the thread still finishes the one that it is at."""
        self.drop_waiting(error)

    async def close(self) -> None:
        """Let go of the thread."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def _pass_on(call: asyncio.Future[_T], result: asyncio.Future[_T]) -> None:
    if call.cancelled() or result.done():
        result.cancel()
    elif error := call.exception():
        result.set_exception(error)
    else:
        result.set_result(call.result())
