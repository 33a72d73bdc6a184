"""Talk to one worker process from asyncio: send calls through its socket, receive answers, and watch the clock."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from crawler.workers.fork_server_client import PATIENCE, ForkServer, exit_meaning
from crawler.workers.protocol import (
    STARVED,
    CallAnswer,
    CallBudget,
    CallError,
    CallTimeoutError,
    FrameReader,
    WorkerCall,
    WorkerDiedError,
    WorkerEnded,
    frame,
)

_READ = 1 << 16  # bytes at once


class WorkerOwner(Protocol):
    """Describe what a worker process reports to its pool."""

    budget: CallBudget

    def is_ready(self) -> None:
        """Handle a worker that now takes calls."""

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
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._reader = FrameReader()
        self._buffer = memoryview(bytearray(_READ))
        self._transport: asyncio.Transport | None = None
        self._why: CallError | None = None
        self._server = server
        self._forked = server.fork(owner.budget.megabytes)
        self._deadline = self._loop.call_later(PATIENCE, self._overdue)
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

    def end(self) -> None:
        """Leave, at once: a worker has nothing to put away."""
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
        answer: CallAnswer | None
        for answer in self._reader.feed(self._buffer[:nbytes]):
            if answer is not None:
                answer.pass_on()
                self._answered(answer)
            elif self.ready:
                self.at_work = True
                self._restart_clock()
            else:
                self.ready = True
                self._deadline.cancel()
                self._owner.is_ready()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.ending = True
        self._deadline.cancel()
        self._owner.reap(self._loop.create_task(self._bury()))

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
        self._deadline.cancel()
        if self.calls and self._owner.budget.seconds:
            self._deadline = self._loop.call_later(self._owner.budget.seconds, self._overdue)

    def _overdue(self) -> None:
        seconds = self._owner.budget.seconds if self.ready else PATIENCE
        self._why = CallTimeoutError(f"not done after {seconds:g} s")
        self.end()

    async def _bury(self) -> None:
        self._server.end(self._forked)
        ended = await self._forked.ended
        self._owner.is_gone(self, self._why or (self._death(ended) if ended else None))

    def _death(self, ended: WorkerEnded) -> CallError:
        if ended.code is None:
            return WorkerDiedError(ended.fault)
        if ended.code == STARVED:
            return WorkerDiedError(f"needs more than {self._owner.budget.megabytes} MB of memory")
        return WorkerDiedError(f"ended its worker process: {exit_meaning(ended.code)}")
