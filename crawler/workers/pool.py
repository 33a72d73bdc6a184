"""Run calls in worker processes for asyncio: each has a time and a memory budget, and costs at most its own worker.

Each worker has its own socket, with no lock between them and no thread here. So a process that dies, busy or idle and in
whatever state, takes nothing along; pools that share one queue stop as a whole when an idle worker is killed. A server forks
the workers. If it is killed, they die with it, and both are replaced.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from crawler.workers.fork_server_client import ForkServer
from crawler.workers.protocol import CallBudget, CallError, NoWorkerError, WorkerCall, WorkerDiedError
from crawler.workers.worker_process import WorkerProcess

if TYPE_CHECKING:
    from collections.abc import Callable

_P = ParamSpec("_P")
_T = TypeVar("_T")

# Calls that a worker has at once: the one at work, and the next, so that it need not wait for us.
AHEAD = 2
# Workers beyond the pool's size that may be at slow calls. The others do not wait for these.
MAX_SLOW = 8
# Servers and workers that fail to start, one after the other, until it is said that none can.
_TRIES = 3
_CLOSED = "the pool was closed"


class WorkerPool:
    """Run functions in up to `size` processes, which start when needed. Use a pool within one event loop.

    A call that takes long goes on at a low priority, and another worker takes the place of its own: whoever sends slow calls
    does not hold up the others.

    `warm_up` runs first, in the process that forks all others, outside any budget: it imports what the calls will need, and may
    leave part of that to idle time (see ForkServer). `server` is a fork server that was started earlier with the same `warm_up`.
    `ahead` is how many calls a worker has at once; with 1, none counts for the memory of the one before it.
    """

    def __init__(
        self,
        size: int,
        budget: CallBudget,
        warm_up: Callable[[], object],
        server: ForkServer | None = None,
        *,
        ahead: int = AHEAD,
    ):
        self.budget = budget
        self._ahead = ahead
        self._warm_up = warm_up
        self._size = size
        self._server = server
        self._waiting: deque[WorkerCall] = deque()
        self._workers: list[WorkerProcess] = []
        self._leaving: set[asyncio.Task[None]] = set()
        self._failed_starts = 0
        self._closed = False

    async def run(self, function: Callable[_P, _T], *arguments: _P.args, **_: _P.kwargs) -> _T:
        """Return the result of `function(*arguments)`, run in a worker; both must be picklable. Raises CallError."""
        if self._closed:
            raise CallError(_CLOSED)
        call = WorkerCall(function, arguments, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        self._feed()
        result: _T = await call.result
        return result

    def expect(self) -> None:
        """Get ready to fork workers, because calls will come soon. Needs no event loop yet."""
        if not self._closed:
            with suppress(OSError):  # the first call will say why
                self._launched()

    @property
    def sent(self) -> int:
        """Count the calls that are with workers, at most `ahead` each; all others wait here."""
        return sum(len(worker.calls) for worker in self._workers)

    def drop_waiting(self, error: CallError) -> None:
        """Fail the calls that no worker has begun."""
        _fail_all(self._waiting, error)
        for worker in self._workers:
            for call in list(worker.calls)[worker.at_work :]:
                call.fail(error)

    def give_up(self, error: CallError) -> None:
        """Fail all calls, and end the workers that are at one."""
        self.drop_waiting(error)
        for worker in self._workers:
            if worker.calls:
                worker.end(error)

    async def close(self) -> None:
        """End the workers; calls that are not done raise CallError."""
        self._closed = True
        _fail_all(self._waiting, CallError(_CLOSED))
        for worker in self._workers:
            worker.end()
        server, self._server = self._server, None
        if server:
            await server.close()
        while self._leaving:
            await asyncio.wait(self._leaving)

    def _feed(self) -> None:
        """Give calls to workers: first to idle ones, then to new ones, then ahead to busy ones."""
        while self._waiting and self._waiting[0].result.done():  # cancelled meanwhile
            self._waiting.popleft()
        for depth in range(self._ahead):
            for worker in [worker for worker in self._workers if self._takes(worker) and len(worker.calls) == depth]:
                if not self._waiting:
                    return
                worker.send(self._waiting.popleft())
            self._grow(len(self._waiting) - sum(not worker.ready for worker in self._workers))

    def _takes(self, worker: WorkerProcess) -> bool:
        """Tell whether a worker takes calls."""
        return worker.ready and not worker.ending and not worker.slow and worker.taken < self.budget.calls

    def _grow(self, wanted: int) -> None:
        """Have so many more workers, if there may be, or a server first where the last one is gone."""
        wanted = min(wanted, self._size - sum(not worker.slow for worker in self._workers))
        if wanted <= 0:
            return
        try:
            server = self._launched()
            server.attach(self)
            if not server.lost:
                for _ in range(wanted):
                    self._workers.append(WorkerProcess(self, server))
        except OSError as error:
            if not self._workers:  # that would try again
                self._give_up(error)

    def _launched(self) -> ForkServer:
        if self._server is None:
            self._server = ForkServer(self._warm_up)
        return self._server

    def is_lost(self, why: CallError) -> None:
        """Handle the end of the server: its workers end too, and a new one is needed."""
        self._server = None
        for worker in self._workers:
            worker.end()
        self._failed_to_start(why)

    def is_ready(self) -> None:
        """Handle a worker that now takes calls."""
        self._failed_starts = 0
        self._feed()

    def is_free(self, worker: WorkerProcess) -> None:
        """Handle a worker that has answered a call."""
        if worker.slow or (worker.taken >= self.budget.calls and not worker.calls):
            worker.end()
        self._feed()

    def is_slow(self, worker: WorkerProcess) -> None:
        """Let the worker finish its call at leisure, and give its place to another, if there may be one more."""
        if not worker.slow and worker.at_work and sum(other.slow for other in self._workers) < MAX_SLOW:
            self._waiting.extendleft(reversed(worker.slow_down()))
            self._feed()

    def is_gone(self, worker: WorkerProcess, why: CallError | None) -> None:
        """Handle the end of a worker: its current call fails, calls queued behind it move to another worker.

        A call whose worker may have ended only because the server did moves as well, once.
        """
        self._workers.remove(worker)
        if worker.calls and worker.at_work:
            first = worker.calls[0]
            if why or first.again:
                ended = "ended its worker process, and the server that forks them with it"
                worker.calls.popleft().fail(why or WorkerDiedError(ended))
            else:
                first.again = True
        if self._closed:
            _fail_all(worker.calls, CallError(_CLOSED))
            return
        self._waiting.extendleft(reversed(worker.calls))
        if why and not worker.ready:
            self._failed_to_start(why)
        else:
            self._feed()

    def _failed_to_start(self, why: CallError) -> None:
        if self._closed:
            return
        self._failed_starts += 1
        if self._failed_starts >= _TRIES:
            self._failed_starts = 0
            self._give_up(why)
        self._feed()

    def _give_up(self, why: Exception) -> None:
        _fail_all(self._waiting, NoWorkerError(f"no worker process starts: {why}"))

    def reap(self, ending: asyncio.Task[None]) -> None:
        """Keep the task that waits for a process until it is done."""
        self._leaving.add(ending)
        ending.add_done_callback(self._leaving.discard)


def _fail_all(calls: deque[WorkerCall], error: CallError) -> None:
    while calls:
        calls.popleft().fail(error)
