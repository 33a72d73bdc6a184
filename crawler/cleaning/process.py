"""One worker process, as asyncio sees it: calls go out through its socket, answers come in, a clock runs."""

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
from typing import Protocol

from crawler.cleaning.calls import Budget, Call, CallError, CallTimeoutError, WorkerDiedError
from crawler.cleaning.frames import STARVED, Answer, FrameReader, frame

# Seconds that a worker may take to import what it needs, also on a machine that is busy otherwise.
_START = 120.0


@dataclass(frozen=True, slots=True)
class Launched:
    """A process that has been started and warms up, and our end of its socket. It ends when that is closed."""

    process: subprocess.Popen[bytes]
    channel: socket.socket

    def discard(self) -> None:
        """End it; nobody has use for it."""
        self.channel.close()
        self.process.kill()
        self.process.wait()


def launch(warm_up: Callable[[], object], megabytes: int) -> Launched:
    """Start a process, with `warm_up` as its first call. Returns at once; needs no event loop."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = _start(theirs.fileno(), megabytes)
    ours.sendall(frame((warm_up, ())))
    return Launched(process, ours)


class Owner(Protocol):
    """What a process tells its pool."""

    budget: Budget

    def is_ready(self) -> None:
        """A worker is warm."""

    def is_free(self, worker: WorkerProcess) -> None:
        """It has answered a call."""

    def is_gone(self, worker: WorkerProcess, why: CallError) -> None:
        """It has ended, with the calls that it still had; `at_work` says whether it had begun the first of them."""

    def reap(self, ending: asyncio.Task[None]) -> None:
        """Keep the task that waits for its end."""


class WorkerProcess(asyncio.Protocol):
    """One process and the socket to it, for an owner that hands it calls and hears what becomes of it."""

    def __init__(self, owner: Owner, launched: Launched):
        self.calls: deque[Call] = deque()
        self.taken = 0
        self.ready = False
        self.at_work = False  # it has begun the first of its calls
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._reader = FrameReader()
        self._transport: asyncio.Transport | None = None
        self._why: CallError | None = None
        self._process = launched.process
        self._deadline = self._loop.call_later(_START, self._overdue)
        self._connecting = self._loop.create_task(self._connect(launched.channel))

    async def _connect(self, ours: socket.socket) -> None:
        await self._loop.connect_accepted_socket(lambda: self, ours)

    def send(self, call: Call) -> None:
        try:
            data = frame((call.function, call.arguments))
        except Exception as error:
            call.fail(CallError(f"cannot be sent to a worker: {error}"))
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
        self._owner.reap(self._loop.create_task(self._bury()))

    # ---

    def _started(self, answer: Answer) -> None:
        if answer.failure:
            self._why = CallError(answer.failure, answer.traceback)
            self.end()
            return
        self.ready = True
        self._deadline.cancel()
        self._owner.is_ready()

    def _answered(self, answer: Answer) -> None:
        self.at_work = False
        call = self.calls.popleft()
        if answer.failure:
            call.fail(CallError(answer.failure, answer.traceback))
        elif not call.result.done():
            call.result.set_result(answer.value)
        self._restart_clock()
        self._owner.is_free(self)

    def _restart_clock(self) -> None:
        self._deadline.cancel()
        if self.calls and self._owner.budget.seconds:
            self._deadline = self._loop.call_later(self._owner.budget.seconds, self._overdue)

    def _overdue(self) -> None:
        seconds = self._owner.budget.seconds if self.ready else _START
        self._why = CallTimeoutError(f"not done after {seconds:g} s")
        self.end()

    async def _bury(self) -> None:
        self._process.kill()  # where only its connection is gone
        code = await asyncio.to_thread(self._process.wait)
        starved = f"needs more than {self._owner.budget.megabytes} MB of memory"
        detail = starved if code == STARVED else f"ended its worker process: {_meaning(code)}"
        self._owner.is_gone(self, self._why or WorkerDiedError(detail))


def _start(descriptor: int, megabytes: int) -> subprocess.Popen[bytes]:
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
