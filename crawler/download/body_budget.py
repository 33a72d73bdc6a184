"""Bound the bytes of all bodies that a crawl holds: those that arrive, and those that wait to be cleaned."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import weakref
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scrapy import signals

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

MB = 1024 * 1024
# Bytes of a body that never wait. Few pages are larger on the wire, and so many arrive at the same time that more would count.
FREE_BYTES = MB


@dataclass(eq=False, slots=True)
class GrowingBody:
    """A body that is being received or unpacked. `resume` is called when it may grow on after a wait."""

    resume: Callable[[], None]
    size: int = 0


class BodyBudget:
    """Counts the bytes of bodies, and makes large ones wait while there are too many: an extension, shared by all parts.

    A body of up to FREE_BYTES goes through at once. A larger one grows only while all bodies together take less than
    IN_FLIGHT_MAX_MB. If most of that is in bodies which wait themselves, the one that has waited longest goes on alone, so
    that room is made. What is received waits by not being read, until its DOWNLOAD_TIMEOUT.

    A response counts from when the engine has received it until it is garbage, that is, until its page is cleaned.
    """

    def __init__(self, limit: int):
        self._limit = limit
        self._growing = 0  # bytes of bodies that are received or unpacked
        self._complete = 0  # bytes of responses
        self._responses: weakref.WeakSet[Response] = weakref.WeakSet()
        self._waiting: deque[GrowingBody] = deque()
        self._favoured: GrowingBody | None = None  # the one that goes on alone
        self._told = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        budget = cls(int(crawler.settings.getfloat("IN_FLIGHT_MAX_MB") * MB))
        crawler.signals.connect(budget.hold, signals.response_received)
        return budget

    @property
    def held(self) -> int:
        """Return the bytes of all bodies."""
        return self._growing + self._complete

    def has_room(self, size: int) -> bool:
        """Tell whether something may hold on to `size` bytes of bodies for longer, such as the first pages of an article."""
        return size <= FREE_BYTES or self.held < self._limit

    def grow(self, body: GrowingBody, size: int) -> bool:
        """Count `size` more bytes of a body. Return False if it must wait until it is resumed."""
        self._count(body, size)
        if self.has_room(body.size) or body is self._favoured:
            return True
        if body not in self._waiting:
            self._waiting.append(body)
            self._tell()
        self._resume_waiting()
        return body not in self._waiting

    def end(self, body: GrowingBody) -> None:
        """Forget a body that is complete, or failed. Harmless if it was forgotten before."""
        self._growing -= body.size
        body.size = 0
        with contextlib.suppress(ValueError):
            self._waiting.remove(body)
        if body is self._favoured:
            self._favoured = None
        self._resume_waiting()

    @asynccontextmanager
    async def reserved(self, size: int, seconds: float) -> AsyncIterator[None]:
        """Reserve `size` bytes, and wait for them for up to `seconds`. Raises TimeoutError."""
        admitted = asyncio.Event()

        def admit() -> None:
            self._count(body, size)
            admitted.set()

        body = GrowingBody(admit)
        try:
            self._waiting.append(body)
            self._resume_waiting()
            if not admitted.is_set():
                self._tell()
            await asyncio.wait_for(admitted.wait(), seconds)
            yield
        finally:
            self.end(body)

    def hold(self, response: Response) -> None:
        """Count the body of a response until the response is garbage."""
        if response in self._responses:
            return
        self._responses.add(response)
        size, loop = len(response.body), asyncio.get_running_loop()
        self._complete += size
        weakref.finalize(response, self._schedule_release, loop, size).atexit = False

    def _count(self, body: GrowingBody, size: int) -> None:
        body.size += size
        self._growing += size

    def _schedule_release(self, loop: asyncio.AbstractEventLoop, size: int) -> None:
        """Release bytes from the loop: the garbage collector may run in any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed, and so is the crawl
            loop.call_soon_threadsafe(self._release, size)

    def _release(self, size: int) -> None:
        self._complete -= size
        self._resume_waiting()

    def _resume_waiting(self) -> None:
        while self._waiting and (self.held < self._limit or self._may_favour()):
            body = self._waiting.popleft()
            if self.held >= self._limit:
                self._favoured = body
            body.resume()

    def _tell(self) -> None:
        if not self._told:
            logger.warning(
                "Bodies take more than IN_FLIGHT_MAX_MB (%g): those above 1 MiB wait for room, until they time out",
                self._limit / MB,
            )
        self._told = True

    def _may_favour(self) -> bool:
        return self._favoured is None and self._complete < self._limit / 2


def body_budget_of(crawler: Crawler) -> BodyBudget:
    """Return the budget of a crawl. Raises RuntimeError where the settings leave out the extension."""
    budget = crawler.get_extension(BodyBudget)
    if budget is None:
        raise RuntimeError("EXTENSIONS_BASE lacks crawler.download.body_budget.BodyBudget, which bounds the memory")
    return budget
