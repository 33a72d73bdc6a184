"""A pool of worker processes for asyncio: each call has a time and a memory budget, and costs at most its own worker.

A pipe of its own to each worker, no lock between them and no thread here: a process that dies, at work or idle and in
whatever state, takes nothing along. (The pools that share one queue stop as a whole when an idle worker is killed.)
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from crawler.cleaning.frames import STARVED, Answer, FrameReader, frame

P = ParamSpec("P")
T = TypeVar("T")

# Calls that a worker has at once: the one at work, and the next, so that it need not wait for us.
AHEAD = 2
# Seconds that a worker may take to import what it needs, also on a machine that is busy otherwise.
_START = 120.0
# Workers that fail to start, one after the other, until it is said that none can.
_TRIES = 3


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
class _Call:
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    result: asyncio.Future[Any]


class WorkerPool:
    """Runs functions in up to `size` processes, which start as they are needed. To be used within one event loop.

    `warm_up` is called first in each worker, outside any budget: it imports what the calls will need.
    """

    def __init__(self, size: int, budget: Budget, warm_up: Callable[[], object]):
        self.budget = budget
        self.warm_up = warm_up
        self._size = size
        self._waiting: deque[_Call] = deque()
        self._workers: list[_Worker] = []
        self._leaving: set[asyncio.Task[None]] = set()
        self._failed_starts = 0
        self._closed = False

    async def run(self, function: Callable[P, T], *arguments: P.args, **_: P.kwargs) -> T:
        """The result of `function(*arguments)`; both can be pickled. Raises CallError."""
        call = _Call(function, arguments, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        self._feed()
        result: T = await call.result
        return result

    def start(self) -> None:
        """Begin to start one worker ahead of the first call."""
        if not self._workers and not self._closed:
            self._workers.append(_Worker(self))

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
            _fail(call, CallError("the pool was closed"))
        self._waiting.clear()
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
                self._workers.append(_Worker(self))

    def is_ready(self, _worker: _Worker) -> None:
        """A worker is warm."""
        self._failed_starts = 0
        self._feed()

    def is_free(self, worker: _Worker) -> None:
        """A worker has answered a call."""
        if worker.taken >= self.budget.calls and worker in self._workers:
            self._workers.remove(worker)  # it may finish what it has
        if worker not in self._workers and not worker.calls:
            worker.end()
        self._feed()

    def is_gone(self, worker: _Worker, why: CallError) -> None:
        """A worker has ended: the call it was at failed with it, what was sent ahead gets another worker."""
        if worker in self._workers:
            self._workers.remove(worker)
        if worker.calls and worker.at_work:
            _fail(worker.calls.popleft(), why)
        self._waiting.extendleft(reversed(worker.calls))
        if not worker.ready and not self._closed:
            self._failed_starts += 1
            if self._failed_starts >= _TRIES:
                self._failed_starts = 0
                while self._waiting:
                    _fail(self._waiting.popleft(), NoWorkerError(f"no worker process starts: {why}"))
        if not self._closed:
            self._feed()

    def reap(self, ending: asyncio.Task[None]) -> None:
        """Keep the task that waits for a process until it is done."""
        self._leaving.add(ending)
        ending.add_done_callback(self._leaving.discard)


class _Worker(asyncio.Protocol):
    """One process and the socket to it."""

    def __init__(self, pool: WorkerPool):
        self.calls: deque[_Call] = deque()
        self.taken = 0
        self.ready = False
        self.at_work = False  # it has begun the first of its calls
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self._reader = FrameReader()
        self._transport: asyncio.Transport | None = None
        self._why: CallError | None = None
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = _launch(theirs.fileno(), pool.budget.megabytes)
        self._deadline = self._loop.call_later(_START, self._overdue)
        self._connecting = self._loop.create_task(self._connect(ours))

    async def _connect(self, ours: socket.socket) -> None:
        await self._loop.connect_accepted_socket(lambda: self, ours)

    def send(self, call: _Call) -> None:
        try:
            data = frame((call.function, call.arguments))
        except Exception as error:
            _fail(call, CallError(f"cannot be sent to a worker: {error}"))
            return
        self.calls.append(call)
        self.taken += 1
        if len(self.calls) == 1:
            self._restart_clock()
        assert self._transport is not None
        self._transport.write(data)

    def end(self) -> None:
        """Leave, at once: a worker has nothing to put away."""
        self._process.kill()

    # --- what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(frame((self._pool.warm_up, ())))

    def data_received(self, data: bytes) -> None:
        answer: Answer | None
        for answer in self._reader.feed(data):
            if answer is None:
                self.at_work = True
                self._restart_clock()
                continue
            for name, level, message in answer.log:
                logging.getLogger(name).log(level, "%s", message)
            if not self.ready:
                self._started(answer)
            else:
                self._answered(answer)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._deadline.cancel()
        self._pool.reap(self._loop.create_task(self._bury()))

    # ---

    def _started(self, answer: Answer) -> None:
        if answer.failure:
            self._why = CallError(answer.failure, answer.traceback)
            self.end()
            return
        self.ready = True
        self._deadline.cancel()
        self._pool.is_ready(self)

    def _answered(self, answer: Answer) -> None:
        self.at_work = False
        call = self.calls.popleft()
        if answer.failure:
            _fail(call, CallError(answer.failure, answer.traceback))
        elif not call.result.done():
            call.result.set_result(answer.value)
        self._restart_clock()
        self._pool.is_free(self)

    def _restart_clock(self) -> None:
        self._deadline.cancel()
        if self.calls and self._pool.budget.seconds:
            self._deadline = self._loop.call_later(self._pool.budget.seconds, self._overdue)

    def _overdue(self) -> None:
        seconds = self._pool.budget.seconds if self.ready else _START
        self._why = CallTimeoutError(f"not done after {seconds:g} s")
        self.end()

    async def _bury(self) -> None:
        self._process.kill()  # where only its connection is gone
        code = await asyncio.to_thread(self._process.wait)
        starved = f"needs more than {self._pool.budget.megabytes} MB of memory"
        detail = starved if code == STARVED else f"ended its worker process: {_meaning(code)}"
        self._pool.is_gone(self, self._why or WorkerDiedError(detail))


def _launch(descriptor: int, megabytes: int) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "OPENBLAS_NUM_THREADS": "1",  # one process a core is enough
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "crawler.cleaning.worker", str(descriptor), str(os.getpid()), str(megabytes)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # records go there
        pass_fds=(descriptor,),
        env=environment,
        process_group=0,  # Ctrl-C is for us: we finish with the pages that are in flight
    )


def _meaning(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _fail(call: _Call, error: CallError) -> None:
    if not call.result.done():
        call.result.set_exception(error)
