"""Talk to one worker process from asyncio: send calls through its socket, receive answers, and watch the clock."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from crawler.workers.fork_server_client import PATIENCE, ForkServer, exit_meaning
from crawler.workers.protocol import (
    STARVED,
    CallAnswer,
    CallBegun,
    CallBudget,
    CallError,
    CallTimeoutError,
    FrameReader,
    WorkerCall,
    WorkerDiedError,
    WorkerEnded,
    WorkerReady,
    frame,
)

_READ = 1 << 16  # bytes at once
# Seconds after which a call counts as slow. A typical page takes a twentieth of a second, a feed less.
SLOW = 1.0
# A slow call has this niceness from then on: the others get ten times its share of a core.
_NICENESS = 10
# A call that got no core may take so many times its budget on the clock.
_WAIT_FACTOR = 4


class WorkerOwner(Protocol):
    """Describe what a worker process reports to its pool."""

    budget: CallBudget

    def is_ready(self) -> None:
        """Handle a worker that now takes calls."""

    def is_slow(self, worker: WorkerProcess) -> None:
        """Handle a worker whose call has taken SLOW seconds, or as long again."""

    def is_free(self, worker: WorkerProcess) -> None:
        """Handle a worker that has answered a call."""

    def is_gone(self, worker: WorkerProcess, why: CallError | None) -> None:
        """Handle a worker that has ended, with the calls it still had; `at_work` says whether it had begun the first of them.

        `why` is None where only its server is known to have ended.
        """

    def reap(self, ending: asyncio.Task[None]) -> None:
        """Keep the task that waits for its end."""


class WorkerProcess(asyncio.BufferedProtocol):
    """Hold one process and the socket to it, for an owner that sends it calls and learns the results.

    Create it within the owner's loop. Raises OSError where no more sockets are available.
    """

    def __init__(self, owner: WorkerOwner, server: ForkServer):
        self.calls: deque[WorkerCall] = deque()
        self.taken = 0
        self.ready = False
        self.ending = False  # it gets no more calls
        self.at_work = False  # it has begun the first of its calls
        self.slow = False  # it was told to take its time over its last call
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._reader = FrameReader()
        self._buffer = memoryview(bytearray(_READ))
        self._transport: asyncio.Transport | None = None
        self._why: CallError | None = None
        self._server = server
        self._process = 0  # its id, once it is ready
        self._begun_at = self._cpu_at_begin = 0.0
        self._forked = server.fork(owner.budget.megabytes)
        self._deadline = self._loop.call_later(PATIENCE, self._overdue)
        self._slow_timer: asyncio.TimerHandle | None = None
        self._connecting = self._loop.create_task(self._connect())

    async def _connect(self) -> None:
        await self._loop.connect_accepted_socket(lambda: self, self._forked.channel)

    def send(self, call: WorkerCall) -> None:
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

    def slow_down(self) -> list[WorkerCall]:
        """Let it do its call in the time that others leave, as its last, and return the calls that it has not begun."""
        self.slow = True
        with suppress(OSError):  # it has just ended
            os.setpriority(os.PRIO_PROCESS, self._process, _NICENESS)
        current, *rest = self.calls
        self.calls = deque([current])
        return rest

    def end(self, why: CallError | None = None) -> None:
        """Leave, at once: a worker has nothing to put away. Its current call fails for that reason."""
        self._why = self._why or why
        self.ending = True
        if self._transport:
            self._transport.abort()

    # --- what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self.ending:
            transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002
        return self._buffer  # always the same: to take new room for each few bytes costs more than to read them

    def buffer_updated(self, nbytes: int) -> None:
        message: CallAnswer | CallBegun | WorkerReady
        for message in self._reader.feed(self._buffer[:nbytes]):
            if self.ending:
                return  # it was quicker than we were to end it
            match message:
                case CallAnswer():
                    message.pass_on()
                    self._answered(message)
                case CallBegun():
                    self.at_work = True
                    self._restart_clock()
                case WorkerReady():
                    self._process = message.process
                    self.ready = True
                    self._deadline.cancel()
                    self._owner.is_ready()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.ending = True
        self._stop_clock()
        self._owner.reap(self._loop.create_task(self._wait_for_end()))

    # ---

    def _answered(self, answer: CallAnswer) -> None:
        self.at_work = False
        call = self.calls.popleft()
        if answer.failure:
            call.fail(CallError(answer.failure, answer.traceback))
        elif not call.result.done():
            call.result.set_result(answer.value)
        self._restart_clock()
        self._owner.is_free(self)

    def _restart_clock(self) -> None:
        self._stop_clock()
        if not self.calls:
            return
        self._begun_at, self._cpu_at_begin = self._loop.time(), _cpu_seconds(self._process)
        self._slow_timer = self._loop.call_later(SLOW, self._is_slow)
        if seconds := self._owner.budget.seconds:
            self._deadline = self._loop.call_later(seconds, self._overdue)

    def _stop_clock(self) -> None:
        self._deadline.cancel()
        if self._slow_timer:
            self._slow_timer.cancel()

    def _is_slow(self) -> None:
        self._slow_timer = self._loop.call_later(SLOW, self._is_slow)
        self._owner.is_slow(self)

    def _overdue(self) -> None:
        seconds = self._owner.budget.seconds if self.ready else PATIENCE
        if self.ready and (left := self._seconds_left(seconds)) > 0:
            self._deadline = self._loop.call_later(left, self._overdue)
        else:
            self.end(CallTimeoutError(f"not done after {seconds:g} s"))

    def _seconds_left(self, seconds: float) -> float:
        """Return how long the call may go on: a machine that is busy must not make a page a slow one."""
        on_the_clock = self._loop.time() - self._begun_at
        on_a_core = _cpu_seconds(self._process) - self._cpu_at_begin
        # Half a tick of the kernel's count is no reason to wait again.
        return min(seconds - on_a_core - 0.02, _WAIT_FACTOR * seconds - on_the_clock)

    async def _wait_for_end(self) -> None:
        self._server.end(self._forked)
        ended = await self._forked.ended
        self._owner.is_gone(self, self._why or (self._death(ended) if ended else None))

    def _death(self, ended: WorkerEnded) -> CallError:
        if ended.code is None:
            return WorkerDiedError(ended.fault)
        if ended.code == STARVED:
            return WorkerDiedError(f"needs more than {self._owner.budget.megabytes} MB of memory")
        return WorkerDiedError(f"ended its worker process: {exit_meaning(ended.code)}")


def _cpu_seconds(process: int) -> float:
    """Return the CPU time of a process so far; only Linux tells, elsewhere the clock has to do."""
    try:
        fields = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return time.monotonic()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime and stime, see proc(5)
