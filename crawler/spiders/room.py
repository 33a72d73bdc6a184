"""A bound on how many requests wait to be fetched, so that what finds them reads no faster than they are done."""

from __future__ import annotations

import asyncio
import weakref

from scrapy import Request


class Room:
    """Places for requests. A place is free again when nobody holds its request any longer, whatever became of it."""

    def __init__(self, places: int):
        self._free = asyncio.Semaphore(places)

    async def wait(self) -> None:
        """Takes a place, as soon as there is one."""
        await self._free.acquire()

    def give(self, request: Request) -> None:
        """The place that was waited for is this request's."""
        finalizer = weakref.finalize(request, _release, self._free, asyncio.get_running_loop())
        finalizer.atexit = False


def _release(free: asyncio.Semaphore, loop: asyncio.AbstractEventLoop) -> None:
    # Garbage is collected in whatever thread is running.
    if not loop.is_closed():
        loop.call_soon_threadsafe(free.release)
