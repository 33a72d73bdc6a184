"""Cache what hosts have answered, for a limited number of hosts."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

# A parsed robots.txt takes up to about 100 KB. A host that returns after so many others is asked again.
_MAX_HOSTS = 2000


class HostCache(Generic[Key, Value]):
    """Maps a host to its answer, or to the fetch in progress.

    Beyond `max_hosts`, the least recently used answer is dropped; a fetch in progress stays.
    """

    def __init__(self, max_hosts: int = _MAX_HOSTS):
        self._max_hosts = max_hosts
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
        while len(self._answers) > self._max_hosts and next(iter(self._answers.values())).done():
            self._answers.popitem(last=False)
        return future
