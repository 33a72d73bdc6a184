"""When the next request to a host may start: the delay between two, and pauses that the host asked for."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import TYPE_CHECKING

from scrapy.core.downloader import Downloader, Slot
from scrapy.settings import SETTINGS_PRIORITIES
from scrapy.utils.asyncio import call_later
from scrapy.utils.defer import _schedule_coro
from scrapy.utils.httpobj import urlparse_cached
from twisted.python.failure import Failure

from cleaners.rejection import RejectReason
from crawler.middlewares.connections import tend
from crawler.refusal import RequestRejected
from crawler.rendering.downloads import RenderingDownloads

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred


# Seconds beyond its delay that a host was asked for nothing, and is forgotten; a crawl may meet a hundred new ones in each.
_IDLE = 10.0


@dataclass(slots=True)
class HostPace:
    """What is known of one host's pace, for a whole run. Delays in seconds, times as of `time.monotonic`."""

    delay: float  # our own: DOWNLOAD_DELAY, or the profile's
    jitter: float = 0.0  # share of the delay by which it may grow; it never shrinks
    crawl_delay: float = 0.0  # robots.txt's; nothing overrides it
    ended: float = -inf  # when the last answer was in
    paused_until: float = -inf
    failures: int = 0  # in a row: 429, 503, timeouts and the like
    # RequestRejected's arguments, where this run asks the host no more.
    closed: tuple[RejectReason, str, int | None] | None = None
    stretch: float = field(default=0.0, init=False)  # the jitter drawn for the next request

    def end(self, now: float) -> None:
        """An answer is in: the delay counts from here, so that the host never sees less of it however slow the way."""
        self.ended = now
        self.stretch = random.uniform(0, self.jitter)

    def wait(self, now: float) -> float:
        """Seconds until the next request may start; 0 or less: now."""
        due = self.ended + max(self.delay, self.crawl_delay) * (1 + self.stretch)
        return max(due, self.paused_until) - now

    def says_nothing(self, now: float) -> bool:
        """Is it what a new one would be, for the next request? Crawl-delay is told again with each."""
        return self.failures == 0 and self.closed is None and self.ended > -inf and self.wait(now) < -_IDLE

    def refusal(self) -> RequestRejected:
        """What becomes of a request to a host that is closed."""
        assert self.closed
        return RequestRejected(*self.closed, reached=False)


class PacedSlot(Slot):
    """Scrapy's slot of one host, with its pace."""

    def __init__(self, concurrency: int, pace: HostPace):
        super().__init__(concurrency, pace.delay, 0.0)
        self.pace = pace
        self.begun = False  # a request was under way when the queue was last looked at
        self.awaited: dict[Request, Deferred[Response]] = {}  # requests under way, and who waits for their answers


class PacedDownloader(Downloader):
    """Scrapy's downloader, with five differences.

    The pace of a host outlives its slot, which is thrown away after some seconds without requests, as long as it matters.
    The delay counts from the end of an answer and is never shortened. And a host's requests never overlap: with
    DOWNLOAD_DELAY 0, Scrapy 2.19 starts all that are queued at once, as it counts a transfer only when its task first
    runs. What is under way can be given up. And pages that scripts build are built before they count as answered.
    """

    _SLOT_GC_INTERVAL = _IDLE  # a minute by default

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        for handler in self.handlers._handlers.values():
            tend(handler)
        self.handlers = RenderingDownloads(self.handlers, crawler)  # type: ignore[assignment]
        self.paces: dict[str, HostPace] = {}
        priority = self.settings.getpriority("DOWNLOAD_DELAY") or 0
        self._delay_is_final = priority >= SETTINGS_PRIORITIES["cmdline"]  # -s DOWNLOAD_DELAY: also over profiles

    def get_slot_key(self, request: Request) -> str:
        """The host that is asked. Not `request.meta`: a redirect inherits that from the host it came from."""
        return (urlparse_cached(request).hostname or "").rstrip(".")

    def pace(self, request: Request) -> HostPace:
        """The pace of the request's host; its `meta["winnow_delay"]` (seconds) takes the place of DOWNLOAD_DELAY."""
        key = self.get_slot_key(request)
        if key not in self.paces:
            delay = self.per_slot_settings.get(key, {}).get("delay", self._delay)
            self.paces[key] = HostPace(delay, self._jitter)
        pace = self.paces[key]
        if (delay := request.meta.get("winnow_delay")) is not None and not self._delay_is_final:
            pace.delay = float(delay)
        return pace

    def _get_slot(self, request: Request) -> tuple[str, Slot]:  # type: ignore[override]
        pace = self.pace(request)
        key, slot = super()._get_slot(request)
        if not isinstance(slot, PacedSlot):  # just made
            slot = self.slots[key] = PacedSlot(slot.concurrency, pace)
        return key, slot

    def _slot_gc(self, age: float = _IDLE) -> None:
        super()._slot_gc(age)
        now, at_work = monotonic(), set(map(self.get_slot_key, self.active))
        for host, pace in list(self.paces.items()):
            if host not in at_work and host not in self.slots and pace.says_nothing(now):
                del self.paces[host]

    def give_up(self, error: Callable[[Request], Exception]) -> None:
        """Let nobody wait any longer for answers that are under way; each fails with the error of its request."""
        for slot in self.slots.values():
            for request, answer in list(slot.awaited.items()) if isinstance(slot, PacedSlot) else ():
                if not answer.called:
                    answer.errback(error(request))

    async def _wait_for_download(self, slot: Slot, request: Request, queue_dfd: Deferred[Response]) -> None:
        assert isinstance(slot, PacedSlot)
        slot.awaited[request] = queue_dfd
        try:
            response = await self._download(slot, request)
        except Exception:
            if not queue_dfd.called:
                queue_dfd.errback(Failure())  # type: ignore[no-untyped-call]
        else:
            if not queue_dfd.called:
                queue_dfd.callback(response)
        finally:
            del slot.awaited[request]

    def _process_queue(self, slot: Slot) -> None:
        assert isinstance(slot, PacedSlot)
        now = monotonic()
        if slot.begun and not slot.transferring:
            slot.pace.end(now)
        slot.begun = bool(slot.transferring)
        if slot.latercall:
            return
        while slot.queue and slot.free_transfer_slots() > 0:
            if slot.pace.closed:
                slot.queue.popleft()[1].errback(slot.pace.refusal())
                continue
            if (wait := slot.pace.wait(now)) > 0:
                slot.latercall = call_later(wait, self._latercall, slot)
                return
            request, answer = slot.queue.popleft()
            slot.transferring.add(request)  # here, not when the task first runs
            slot.begun = True
            slot.lastseen = now  # by which Scrapy knows idle slots
            _schedule_coro(self._wait_for_download(slot, request, answer))
            if slot.pace.delay or slot.pace.crawl_delay:
                return  # more than one at a time, if allowed at all, is for hosts without a delay
