"""What hosts have answered, of those that were asked for last: a crawl may meet any number of them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

# Hosts; a robots.txt, as it is parsed, takes up to some 100 KB. Who comes back after so many others is asked anew.
_MOST_HOSTS = 2000


class HostCache(Generic[Key, Value]):
    """Answers and those under way, by host. An answer goes when MOST others were asked for since; one that is under way
    stays.
    """

    def __init__(self, most: int = _MOST_HOSTS):
        self._most = most
        self._answers: OrderedDict[Key, asyncio.Future[Value]] = OrderedDict()

    def __contains__(self, key: Key) -> bool:
        return key in self._answers

    def __getitem__(self, key: Key) -> asyncio.Future[Value]:
        self._answers.move_to_end(key)
        return self._answers[key]

    async def get_or_fetch(self, key: Key, fetch: Callable[[], Awaitable[Value]], failed: Value) -> Value:
        """Return the answer for a key, fetched where it is not known; all who ask while it is under way share one fetch.

        Where `fetch` is stopped or raises, the others get `failed`: nobody may be left waiting.
        """
        if key not in self:
            answer, value = self.begin(key), failed
            try:
                value = await fetch()
            finally:
                answer.set_result(value)
        return await asyncio.shield(self[key])

    def begin(self, key: Key) -> asyncio.Future[Value]:
        """The answer that is asked for now."""
        begun = self._answers[key] = asyncio.get_running_loop().create_future()
        while len(self._answers) > self._most and next(iter(self._answers.values())).done():
            self._answers.popitem(last=False)
        return begun
