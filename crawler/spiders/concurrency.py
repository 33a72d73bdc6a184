"""Limit the requests in flight, and merge streams that run side by side."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from scrapy import Request

logger = logging.getLogger(__name__)

_T = TypeVar("_T")
_STREAM_ENDED = object()


class InFlightLimit:
    """Limits how many requests are scheduled or being downloaded.

    A request takes a place when it is handed to Scrapy, and frees it when its response or failure reaches the spider.
    A redirect or retry keeps the place, because Scrapy copies both callbacks to the new request.
    """

    def __init__(self, places: int):
        self._free = asyncio.Semaphore(places)
        self.in_flight = 0

    async def acquire(self) -> None:
        """Wait for a free place and take it."""
        await self._free.acquire()
        self.in_flight += 1

    def attach(self, request: Request) -> None:
        """Free the acquired place when the request ends. It must have a callback and an errback of its own."""
        assert callable(request.callback)
        assert request.errback is not None
        place = _Place(self)
        request.callback = _ReleasingCallback(place, request.callback)
        request.errback = _ReleasingCallback(place, request.errback)

    def _release(self) -> None:
        self.in_flight -= 1
        self._free.release()


def release_dropped(request: Request) -> None:
    """Free the place of a request that the scheduler dropped: Scrapy calls neither of its callbacks.

    Connect it to Scrapy's signal `request_dropped`.
    """
    if isinstance(request.callback, _ReleasingCallback):
        request.callback.place.release()


@dataclass(slots=True)
class _Place:
    """A place that is taken. Releasing it twice frees it once."""

    limit: InFlightLimit | None

    def release(self) -> None:
        if self.limit is not None:
            self.limit._release()
            self.limit = None


@dataclass(frozen=True, slots=True)
class _ReleasingCallback:
    """A callback or errback that frees the place first, so that the place is free even if the callback raises."""

    place: _Place
    callback: Callable[..., Any]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.place.release()
        return self.callback(*args, **kwargs)


async def merge_streams(streams: Sequence[AsyncIterator[_T]], *, max_running: int) -> AsyncIterator[_T]:
    """Yield what the streams yield, in order of arrival.

    At most `max_running` streams run at a time, and none gets ahead of the reader. A stream that raises logs an error
    and ends alone. When the reader stops, all streams are cancelled.
    """
    queue: asyncio.Queue[Any] = asyncio.Queue(maxsize=1)
    running = asyncio.Semaphore(max_running)

    async def drain(stream: Any) -> None:
        try:
            async with running, aclosing(stream):
                async for value in stream:
                    await queue.put(value)
        except asyncio.CancelledError:
            pass  # the run is ending; the reader must still learn that this stream has ended
        except Exception:
            logger.exception("The search for articles of one site failed; the other sites go on")
        await queue.put(_STREAM_ENDED)

    tasks = [asyncio.ensure_future(drain(stream)) for stream in streams]
    remaining = len(tasks)
    try:
        while remaining:
            value = await queue.get()
            if value is _STREAM_ENDED:
                remaining -= 1
            else:
                yield value
    finally:
        for task in tasks:
            task.cancel()
