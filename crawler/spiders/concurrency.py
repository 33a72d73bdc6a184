"""Bound and merge what runs side by side: requests in flight, async generators."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

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


logger = logging.getLogger(__name__)

_T = TypeVar("_T")
_DONE = object()


async def merge_streams(streams: Sequence[AsyncIterator[_T]], *, at_once: int) -> AsyncIterator[_T]:
    """What the streams yield, as it comes; at most `at_once` of them run at a time, each no faster than it is read.

    One that raises ends alone, with an error in the log. All are cancelled when the reader stops.
    """
    queue: asyncio.Queue[Any] = asyncio.Queue(maxsize=1)
    gate = asyncio.Semaphore(at_once)

    async def drain(stream: Any) -> None:
        try:
            async with gate, aclosing(stream):
                async for value in stream:
                    await queue.put(value)
        except asyncio.CancelledError:
            pass  # the run is ending; the reader must still learn that this stream has ended
        except Exception:
            logger.exception("the search for articles of one site broke off")
        await queue.put(_DONE)

    tasks = [asyncio.ensure_future(drain(stream)) for stream in streams]
    running = len(tasks)
    try:
        while running:
            value = await queue.get()
            if value is _DONE:
                running -= 1
            else:
                yield value
    finally:
        for task in tasks:
            task.cancel()
