"""A bound on the requests in flight, so that what finds them reads no faster than they are done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scrapy import Request


class InFlightLimit:
    """Limits the requests that are scheduled or under way.

    A request takes a place when it is handed to Scrapy and gives it back when its answer, or its failure, reaches the
    spider. A redirect or a retry keeps the place: Scrapy copies both callbacks to it.
    """

    def __init__(self, places: int):
        self._free = asyncio.Semaphore(places)
        self.in_flight = 0

    async def acquire(self) -> None:
        """Take a place, as soon as there is one."""
        await self._free.acquire()
        self.in_flight += 1

    def attach(self, request: Request) -> None:
        """Make the place that was acquired this request's. It must have a callback and an errback of its own."""
        assert callable(request.callback)
        assert request.errback is not None
        place = _Place(self)
        request.callback = _Arrival(place, request.callback)
        request.errback = _Arrival(place, request.errback)

    def _release(self) -> None:
        self.in_flight -= 1
        self._free.release()


def release_dropped(request: Request) -> None:
    """Free the place of a request that the scheduler refused: neither of its callbacks is called.

    Connect it to Scrapy's signal `request_dropped`.
    """
    if isinstance(request.callback, _Arrival):
        request.callback.place.release()


@dataclass(slots=True)
class _Place:
    """One place that is taken; freed once, however often that is asked."""

    limit: InFlightLimit | None

    def release(self) -> None:
        if self.limit is not None:
            self.limit._release()
            self.limit = None


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A callback or errback that first frees the place, so that it is free also where the callback fails."""

    place: _Place
    then: Callable[..., Any]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.place.release()
        return self.then(*args, **kwargs)
