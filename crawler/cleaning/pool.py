"""A pool of worker processes for asyncio: each call has a time and a memory budget, and costs at most its own worker.

A socket of its own to each worker, no lock between them and no thread here: a process that dies, at work or idle and in
whatever state, takes nothing along. (The pools that share one queue stop as a whole when an idle worker is killed.)
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from crawler.cleaning.calls import Budget, Call, CallError, NoWorkerError
from crawler.cleaning.process import Launched, WorkerProcess, launch

P = ParamSpec("P")
T = TypeVar("T")

# Calls that a worker has at once: the one at work, and the next, so that it need not wait for us.
AHEAD = 2
# Workers that fail to start, one after the other, until it is said that none can.
_TRIES = 3


class WorkerPool:
    """Runs functions in up to `size` processes, which start as they are needed. To be used within one event loop.

    `warm_up` is called first in each worker, outside any budget: it imports what the calls will need. `launched` are
    processes that someone has started with it before.
    """

    def __init__(self, size: int, budget: Budget, warm_up: Callable[[], object], launched: Iterable[Launched] = ()):
        self.budget = budget
        self._warm_up = warm_up
        self._size = size
        self._launched = deque(launched)
        self._waiting: deque[Call] = deque()
        self._workers: list[WorkerProcess] = []
        self._leaving: set[asyncio.Task[None]] = set()
        self._failed_starts = 0
        self._closed = False

    async def run(self, function: Callable[P, T], *arguments: P.args, **_: P.kwargs) -> T:
        """The result of `function(*arguments)`; both can be pickled. Raises CallError."""
        call = Call(function, arguments, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        self._feed()
        result: T = await call.result
        return result

    def expect(self) -> None:
        """Calls will come soon: have a worker ready for the first of them. Needs no event loop yet."""
        if not (self._workers or self._launched or self._closed):
            self._launched.append(launch(self._warm_up, self.budget.megabytes))

    @property
    def sent(self) -> int:
        """The calls that are with workers, at most AHEAD each; all others wait here."""
        return sum(len(worker.calls) for worker in self._workers)

    async def close(self) -> None:
        """End the workers; calls that are not done raise CallError."""
        self._closed = True
        for worker in list(self._workers):
            worker.end()
        for call in self._waiting:
            call.fail(CallError("the pool was closed"))
        self._waiting.clear()
        while self._launched:
            self._launched.popleft().discard()
        while self._leaving:
            await asyncio.wait(self._leaving)

    def _feed(self) -> None:
        """Give calls to workers: first to idle ones, then to new ones, then ahead to busy ones."""
        while self._waiting and self._waiting[0].result.done():  # cancelled meanwhile
            self._waiting.popleft()
        for depth in range(AHEAD):
            for worker in [worker for worker in self._workers if worker.ready and len(worker.calls) == depth]:
                if not self._waiting:
                    return
                worker.send(self._waiting.popleft())
            wanted = len(self._waiting) - sum(not worker.ready for worker in self._workers)
            for _ in range(min(wanted, self._size - len(self._workers))):
                self._workers.append(WorkerProcess(self, self._next()))

    def _next(self) -> Launched:
        return self._launched.popleft() if self._launched else launch(self._warm_up, self.budget.megabytes)

    def is_ready(self) -> None:
        """A worker is warm."""
        self._failed_starts = 0
        self._feed()

    def is_free(self, worker: WorkerProcess) -> None:
        """A worker has answered a call."""
        if worker.taken >= self.budget.calls and worker in self._workers:
            self._workers.remove(worker)  # it may finish what it has
        if worker not in self._workers and not worker.calls:
            worker.end()
        self._feed()

    def is_gone(self, worker: WorkerProcess, why: CallError) -> None:
        """A worker has ended: the call it was at failed with it, what was sent ahead gets another worker."""
        if worker in self._workers:
            self._workers.remove(worker)
        if worker.calls and worker.at_work:
            worker.calls.popleft().fail(why)
        self._waiting.extendleft(reversed(worker.calls))
        if not worker.ready and not self._closed:
            self._failed_starts += 1
            if self._failed_starts >= _TRIES:
                self._failed_starts = 0
                while self._waiting:
                    self._waiting.popleft().fail(NoWorkerError(f"no worker process starts: {why}"))
        if not self._closed:
            self._feed()

    def reap(self, ending: asyncio.Task[None]) -> None:
        """Keep the task that waits for a process until it is done."""
        self._leaving.add(ending)
        ending.add_done_callback(self._leaving.discard)
