"""Hold the calls that wait for a worker: the urgent ones first, the others in the order in which they came."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.workers.protocol import CallError, WorkerCall


class CallQueue:
    """Hold waiting calls. A call whose caller has left is skipped."""

    def __init__(self) -> None:
        self._urgent: deque[WorkerCall] = deque()
        self._others: deque[WorkerCall] = deque()

    def __len__(self) -> int:
        return len(self._urgent) + len(self._others)

    def add(self, call: WorkerCall) -> None:
        """Put a call behind its like."""
        self._queue_of(call).append(call)

    def put_back(self, calls: Iterable[WorkerCall]) -> None:
        """Put calls, in their order, before their like: a worker had them and has not begun them."""
        for call in reversed(list(calls)):
            self._queue_of(call).appendleft(call)

    def take(self) -> WorkerCall | None:
        """Take the call that is next for a worker without work; None where no call waits."""
        self._drop_cancelled()
        return (self._urgent or self._others).popleft() if self else None

    def take_ahead(self) -> WorkerCall | None:
        """Take the call to send to a worker that is still at another; None where none may go.

        While an urgent call waits, none may: the next worker that has done its work is for the urgent one.
        """
        self._drop_cancelled()
        return self._others.popleft() if self._others and not self._urgent else None

    def fail_all(self, error: CallError) -> None:
        """Hand the error to all that wait."""
        for call in (*self._urgent, *self._others):
            call.fail(error)
        self._urgent.clear()
        self._others.clear()

    def _queue_of(self, call: WorkerCall) -> deque[WorkerCall]:
        return self._urgent if call.budget.urgent else self._others

    def _drop_cancelled(self) -> None:
        for queue in (self._urgent, self._others):
            while queue and queue[0].result.done():
                queue.popleft()
