"""Cache what hosts have answered, for a limited number of hosts."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

# A host that returns after so many others is asked again. A hostile robots.txt weighs up to 5 MB, a usual one 20 KB.
_MAX_HOSTS = 2000
_MAX_WEIGHT = 64 * 2**20


class HostCache(Generic[Key, Value]):
    """Maps a host to its answer, or to the fetch in progress.

    Beyond `max_hosts`, or `max_weight` by the sum of what `weigh` returns, the least recently used answers are dropped;
    the newest and fetches in progress stay.
    """

    def __init__(
        self, weigh: Callable[[Value], int], *, max_hosts: int = _MAX_HOSTS, max_weight: int = _MAX_WEIGHT
    ) -> None:
        self._weigh = weigh
        self._max_hosts = max_hosts
        self._max_weight = max_weight
        self._weights: dict[Key, int] = {}  # of the answers that have been weighed
        self._answers: OrderedDict[Key, asyncio.Future[Value]] = OrderedDict()

    def __contains__(self, key: Key) -> bool:
        return key in self._answers

    def __getitem__(self, key: Key) -> asyncio.Future[Value]:
        self._answers.move_to_end(key)
        return self._answers[key]

    async def get_or_fetch(self, key: Key, fetch: Callable[[], Awaitable[Value]], failed: Value) -> Value:
        """Return the answer for a key, and fetch it if it is unknown; concurrent callers share one fetch.

        If `fetch` raises or is cancelled, that reaches the caller that started it; the others get `failed`.
        """
        if key not in self:
            answer, value = self.begin(key), failed
            try:
                value = await fetch()
            finally:
                answer.set_result(value)
        return await asyncio.shield(self[key])

    def begin(self, key: Key) -> asyncio.Future[Value]:
        """Return a Future for an answer that is being fetched; the caller sets its result."""
        future = self._answers[key] = asyncio.get_running_loop().create_future()
        future.add_done_callback(lambda done: self._keep(key, done))
        self._drop_oldest()
        return future

    def _keep(self, key: Key, answer: asyncio.Future[Value]) -> None:
        if self._answers.get(key) is answer and not answer.cancelled():
            self._weights[key] = self._weigh(answer.result())
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        droppable = (key for key, answer in [*self._answers.items()][:-1] if answer.done())
        while self._is_full() and (key := next(droppable, None)) is not None:
            del self._answers[key]
            self._weights.pop(key, None)

    def _is_full(self) -> bool:
        return len(self._answers) > self._max_hosts or sum(self._weights.values()) > self._max_weight
