"""Download one request per host at a time, at the host's pace."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from scrapy.http import Response

from crawler.download.scrapy_internals import HookedDownloader, TrackedSlot
from crawler.politeness.host_pace import HostPace, paces_of, request_host

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler


class PacedSlot(TrackedSlot):
    """A host's queue, with its pace."""

    def __init__(self, concurrency: int, pace: HostPace):
        super().__init__(concurrency, pace.delay)
        self.pace = pace
        self.was_busy = False  # a request was in progress when the queue was last processed


class PacedDownloader(HookedDownloader):
    """Scrapy's downloader, with three differences.

    - A host's delay counts from the end of its last response and is never shortened; pauses count too. See HostPace.
    - Requests to a host never overlap, even with DOWNLOAD_DELAY 0.
    - Requests that wait or are in progress can be failed, for a run that must end.
    """

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self._paces = paces_of(crawler)

    def get_slot_key(self, request: Request) -> str:
        """Return the host. `request.meta` does not count: a redirect inherits it from the host it came from."""
        return request_host(request)

    def new_slot(self, request: Request, concurrency: int) -> PacedSlot:
        return PacedSlot(concurrency, self._paces.of(request))

    def after_slots_dropped(self) -> None:
        self._paces.drop_idle(monotonic(), self.slots.keys() | set(map(request_host, self.active)))

    def start_requests(self, slot: Slot) -> None:
        assert isinstance(slot, PacedSlot)
        now = monotonic()
        if slot.was_busy and not slot.transferring:
            slot.pace.end(now)
        slot.was_busy = bool(slot.transferring)
        if slot.latercall:
            return
        while slot.queue and slot.free_transfer_slots() > 0:
            if slot.pace.closed:
                slot.queue.popleft()[1].errback(slot.pace.closed_error())
                continue
            if (wait := slot.pace.wait(now)) > 0:
                self.start_later(slot, wait)
                return
            slot.was_busy = True
            slot.lastseen = now  # tells Scrapy which slots are idle
            self.start_request(slot, *slot.queue.popleft())
            if slot.pace.delay or slot.pace.crawl_delay:
                return  # only a host without a delay may have several requests in progress

    async def fetch_subrequest(self, request: Request) -> Response:
        """Fetch what a page requests while it is rendered, through the same middlewares as any request.

        The request skips its host's queue, because the page holds the host's turn until it is rendered. A few
        middlewares treat it differently; they go by `RequestInfo.is_subrequest`.
        """
        while True:
            result = await self.middleware.download_async(self.handlers.download_request_async, request)
            if isinstance(result, Response):
                return result
            request = result  # a redirect, which passes all middlewares again

    def fail_waiting(self, error: Callable[[Request], Exception]) -> None:
        """Fail every request in the queue of its host with the error that `error` returns for it."""
        for slot in self.slots.values():
            while slot.queue:
                request, deferred = slot.queue.popleft()
                deferred.errback(error(request))


def downloader_of(crawler: Crawler) -> PacedDownloader:
    """Return the downloader of a running crawl."""
    assert crawler.engine
    downloader = crawler.engine.downloader
    assert isinstance(downloader, PacedDownloader), f"DOWNLOADER is {type(downloader).__name__}"
    return downloader
