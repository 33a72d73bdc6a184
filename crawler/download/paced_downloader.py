"""The downloader: one request at a time per host, at the pace that its delays and pauses give."""

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
    """The queue of one host, with its pace."""

    def __init__(self, concurrency: int, pace: HostPace):
        super().__init__(concurrency, pace.delay)
        self.pace = pace
        self.begun = False  # a request was under way when the queue was last looked at


class PacedDownloader(HookedDownloader):
    """Scrapy's downloader, with three differences.

    The delay counts from the end of an answer and is never shortened, and pauses count too: see HostPace. A host's
    requests never overlap, also with DOWNLOAD_DELAY 0. And what is under way or waits can be given up.
    """

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self._paces = paces_of(crawler)

    def get_slot_key(self, request: Request) -> str:
        """Return the host. Not `request.meta`: a redirect inherits that from the host it came from."""
        return request_host(request)

    def new_slot(self, request: Request, concurrency: int) -> PacedSlot:
        return PacedSlot(concurrency, self._paces.of(request))

    def after_slots_dropped(self) -> None:
        self._paces.drop_idle(monotonic(), self.slots.keys() | set(map(request_host, self.active)))

    def start_requests(self, slot: Slot) -> None:
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
                self.start_later(slot, wait)
                return
            slot.begun = True
            slot.lastseen = now  # by which Scrapy knows idle slots
            self.start_request(slot, *slot.queue.popleft())
            if slot.pace.delay or slot.pace.crawl_delay:
                return  # more than one at a time, if allowed at all, is for hosts without a delay

    async def fetch_subrequest(self, request: Request) -> Response:
        """Fetch what a page asks for while it is rendered, by the same middlewares as all else.

        The request passes by its host's queue: the page holds the host's turn, and waits for the answer. Its
        `RequestInfo.is_subrequest` tells the few middlewares that treat it otherwise.
        """
        while True:
            result = await self.middleware.download_async(self.handlers.download_request_async, request)
            if isinstance(result, Response):
                return result
            request = result  # a redirect, which passes all of them anew

    def fail_waiting(self, error: Callable[[Request], Exception]) -> None:
        """Fail the requests that wait in their host's queue, each with its error."""
        for slot in self.slots.values():
            while slot.queue:
                request, answer = slot.queue.popleft()
                answer.errback(error(request))


def downloader_of(crawler: Crawler) -> PacedDownloader:
    """Return the downloader of a crawl that has begun."""
    assert crawler.engine
    downloader = crawler.engine.downloader
    assert isinstance(downloader, PacedDownloader), f"DOWNLOADER is {type(downloader).__name__}"
    return downloader
