"""Give the private names of Scrapy and Twisted public ones: no module but this and connection_internals.py uses any.

Each class below hooks into one class of theirs. Its docstring names what it uses, and says what Scrapy or Twisted lacks.
Subclasses elsewhere use the public hooks alone.

tests/crawler/download/test_scrapy_internals.py checks that each private name still exists with its parameters, and
pyproject.toml caps the versions of both libraries. To raise a cap, run that test and compare the methods named here.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader import Downloader, Slot
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.utils._compression import _DecompressionMaxSizeExceeded
from scrapy.utils.asyncio import call_later
from scrapy.utils.defer import deferred_from_coro
from twisted.python.failure import Failure

from crawler.download.connection_internals import HookedFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.core.engine import ExecutionEngine
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred
    from twisted.web.client import HTTPConnectionPool
    from twisted.web.iweb import IPolicyForHTTPS

    from crawler.download.connection_internals import HookedConnection


# --- Downloader


class TrackedSlot(Slot):
    """A host's queue in the downloader, which also tracks the Deferreds of the requests in progress.

    Slot (undocumented) keeps the requests alone, so nobody could fail one that hangs.
    """

    def __init__(self, concurrency: int, delay: float):
        super().__init__(concurrency, delay, jitter=0.0)
        self.in_progress: dict[Request, Deferred[Response]] = {}


class HookedDownloader(Downloader):
    """Scrapy's downloader, whose subclass decides which requests start when.

    A subclass overrides `new_slot`, `start_requests` and `after_slots_dropped`. Scrapy has settings for how long a
    host's delay is, but none for when it begins, and no way to fail a request in progress.

    Private names:

    - `_get_slot`, overridden: Scrapy creates slots of its own class.
    - `_process_queue`, overridden: Scrapy's counts the delay from the start of a request, and shortens it.
    - `_download`: calls the handler, and sends the signals around it.
    - `_slot_gc` and `_SLOT_GC_INTERVAL`, overridden: Scrapy drops idle slots once a minute, and a crawl of thousands of
      hosts meets a hundred new ones a second.
    """

    _SLOT_GC_INTERVAL = 10.0  # seconds

    def new_slot(self, request: Request, concurrency: int) -> TrackedSlot:
        """Return a slot for a host that has none."""
        raise NotImplementedError

    def start_requests(self, slot: Slot) -> None:
        """Start the requests of the slot's queue that may start now, with `start_request`.

        Called whenever a request may have become ready, and also while `slot.latercall` is pending.
        """
        raise NotImplementedError

    def after_slots_dropped(self) -> None:
        """Clean up after idle slots were dropped."""

    def start_request(self, slot: TrackedSlot, request: Request, deferred: Deferred[Response]) -> None:
        """Download a request that was taken from the slot's queue."""
        # At once: Scrapy 2.19 adds it when the task first runs, and by then would have started the whole queue.
        slot.transferring.add(request)
        deferred_from_coro(self._download_tracked(slot, request, deferred))

    def start_later(self, slot: Slot, seconds: float) -> None:
        """Call `start_requests` again after a delay."""
        slot.latercall = call_later(seconds, self._start_now, slot)

    def fail_in_progress(self, error: Callable[[Request], Exception]) -> None:
        """Fail every request in progress with the error that `error` returns for it."""
        for slot in self.slots.values():
            for request, deferred in list(slot.in_progress.items()) if isinstance(slot, TrackedSlot) else ():
                if not deferred.called:
                    deferred.errback(error(request))

    async def _download_tracked(self, slot: TrackedSlot, request: Request, deferred: Deferred[Response]) -> None:
        slot.in_progress[request] = deferred
        try:
            response = await self._download(slot, request)
        except Exception:
            if not deferred.called:
                deferred.errback(Failure())  # type: ignore[no-untyped-call]
        else:
            if not deferred.called:
                deferred.callback(response)
        finally:
            del slot.in_progress[request]

    def _start_now(self, slot: Slot) -> None:
        slot.latercall = None
        self.start_requests(slot)

    def _get_slot(self, request: Request) -> tuple[str, Slot]:  # type: ignore[override]
        key, slot = super()._get_slot(request)
        if not isinstance(slot, TrackedSlot):  # Scrapy has just created it
            slot = self.slots[key] = self.new_slot(request, slot.concurrency)
        return key, slot

    def _slot_gc(self, age: float = _SLOT_GC_INTERVAL) -> None:
        super()._slot_gc(age)
        self.after_slots_dropped()

    def _process_queue(self, slot: Slot) -> None:
        self.start_requests(slot)


# --- Handler for http and https


class HookedHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler, with a connection pool, connections and a TLS policy of the subclass.

    Scrapy has no settings for any. Private names:

    - `_pool`, replaced, with its `_factory`.
    - `_contextFactory`, replaced: the TLS policy.
    """

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        pool = self.new_pool()
        pool.maxPersistentPerHost = self._pool.maxPersistentPerHost
        pool._factory = partial(HookedFactory, self.new_connection)  # type: ignore[assignment]  # only called
        self._pool, self._contextFactory = pool, self.new_policy(self._contextFactory)

    def new_pool(self) -> HTTPConnectionPool:
        """Return the pool that replaces Scrapy's."""
        raise NotImplementedError

    def new_connection(self, idle: Callable[[Any], None]) -> HookedConnection:
        """Return the protocol of a new connection, which calls `idle` when it is ready for another request."""
        raise NotImplementedError

    def new_policy(self, policy: IPolicyForHTTPS) -> IPolicyForHTTPS:
        """Return the policy that replaces Scrapy's, `policy`."""
        raise NotImplementedError


# --- Decompression, and the end of a crawl


UnpackedTooLarge = _DecompressionMaxSizeExceeded


class HookedCompression(HttpCompressionMiddleware):
    """Scrapy's codecs, which a subclass calls where it likes, and of which it can replace each.

    Scrapy runs them on the event loop, and its gzip takes three times as long as it needs to. Private names:

    - `_handle_encoding`, called, and `_decode`, overridden.
    - `_DecompressionMaxSizeExceeded`, which `unpack` raises, as UnpackedTooLarge.
    """

    def decode(self, body: bytes, encoding: bytes, max_bytes: int) -> bytes | None:
        """Return the body unpacked, or None to leave it to Scrapy. `max_bytes` 0 allows any size."""
        raise NotImplementedError

    def unpack(self, body: bytes, encodings: list[bytes], max_bytes: int) -> tuple[bytes, list[bytes]]:
        """Return the body unpacked, and the encodings that are unknown. Raises UnpackedTooLarge, or a codec's error."""
        return self._handle_encoding(body, encodings, max_bytes)

    def _decode(self, body: bytes, encoding: bytes, max_size: int) -> bytes:  # type: ignore[override]
        unpacked = self.decode(body, encoding, max_size)
        return super()._decode(body, encoding, max_size) if unpacked is None else unpacked


def is_closing(engine: ExecutionEngine | None) -> bool:
    """Tell whether the spider is closing or closed.

    Scrapy sends its signals only after it has closed. Private name: the engine's `_slot`.
    """
    slot = engine._slot if engine else None
    return slot is None or slot.closing is not None


def finish_closing(engine: ExecutionEngine) -> None:
    """Let a closing scraper notice that it has nothing left to do.

    Scrapy 2.19 does not check after an item that `start()` itself yielded. Private name: the scraper's
    `_check_if_closing`.
    """
    slot = engine.scraper.slot
    if slot and slot.closing and not slot.closing.called:
        engine.scraper._check_if_closing()
