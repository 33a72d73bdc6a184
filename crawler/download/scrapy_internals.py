"""Give the private names of Scrapy and Twisted public ones: this module is the only one that uses any.

Each class below hooks into one class of theirs. Its docstring names what it uses, and says what Scrapy or Twisted lacks.
Subclasses elsewhere use the public hooks alone.

tests/crawler/download/test_scrapy_internals.py checks that each private name still exists with its parameters, and
pyproject.toml caps the versions of both libraries. To raise a cap, run that test and compare the methods named here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.core.downloader import Downloader, Slot
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.utils.asyncio import call_later
from scrapy.utils.defer import deferred_from_coro
from twisted.python.failure import Failure
from twisted.web.client import HTTPConnectionPool

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from scrapy import Request
    from scrapy.core.engine import ExecutionEngine
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred
    from twisted.web.iweb import IPolicyForHTTPS


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


# --- Handler for http and https, and its connections


class HookedHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler, with a connection pool and a TLS policy of the subclass.

    Scrapy has no settings for either. Private names:

    - `_pool`, replaced. Of Scrapy's pool, the new one takes `_factory`, which accepts headers that Twisted's refuses.
    - `_contextFactory`, replaced: the TLS policy.
    """

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        pool = self.new_pool()
        pool.maxPersistentPerHost = self._pool.maxPersistentPerHost
        pool._factory = self._pool._factory
        self._pool, self._contextFactory = pool, self.new_policy(self._contextFactory)

    def new_pool(self) -> HTTPConnectionPool:
        """Return the pool that replaces Scrapy's."""
        raise NotImplementedError

    def new_policy(self, policy: IPolicyForHTTPS) -> IPolicyForHTTPS:
        """Return the policy that replaces Scrapy's, `policy`."""
        raise NotImplementedError


class HookedPool(HTTPConnectionPool):
    """Twisted's connection pool, whose subclass can limit the idle connections of all hosts together.

    Twisted limits them per host, and keeps an empty list for every host that it ever met; this pool drops those.
    Private names:

    - `_putConnection`, overridden: called when a connection becomes idle.
    - `_removeConnection`, overridden and called: closes an idle connection.
    - `_connections`: the idle connections by host.
    - `_timeouts`: the timers of the idle connections, in the order in which they became idle.
    """

    def after_became_idle(self) -> None:
        """Respond to one more connection that waits for its host's next request."""

    def count_idle(self) -> int:
        """Return the number of idle connections of all hosts."""
        return len(self._timeouts)

    def close_longest_idle(self) -> None:
        """Close the connection that has been idle for the longest time."""
        timeout = next(iter(self._timeouts.values()))
        removal = timeout.args  # of _removeConnection; cancelling the timer deletes them
        timeout.cancel()
        self._removeConnection(*removal)

    def getConnection(self, key: Hashable, endpoint: Any) -> Any:  # noqa: N802
        """Return a Deferred of a connection to the host: an idle one if there is one, else a new one."""
        connection = super().getConnection(key, endpoint)
        self._drop_empty_list(key)
        return connection

    def _putConnection(self, key: Hashable, connection: Any) -> None:  # noqa: N802
        super()._putConnection(key, connection)  # type: ignore[no-untyped-call]
        self.after_became_idle()

    def _removeConnection(self, key: Hashable, connection: Any) -> None:  # noqa: N802
        super()._removeConnection(key, connection)  # type: ignore[no-untyped-call]
        self._drop_empty_list(key)

    def _drop_empty_list(self, key: Hashable) -> None:
        if key in self._connections and not self._connections[key]:
            del self._connections[key]


def share_tls_context(creator: Any, shared: Any) -> Any:
    """Make a TLS connection creator use the context of an earlier one, and return what the next one can share.

    `shared` is the result for the earlier creator; None for the first. Twisted loads the system's certificates for
    every connection anew, which takes 8 ms and 0.8 MB.

    Private name: `_createConnection`, replaced. Before Twisted 26.4 creators have none, because their context holds the
    host's name and cannot be shared; they stay as they are.
    """
    own = getattr(creator, "_createConnection", None)
    if own is None:
        return shared
    creator._createConnection = shared or own
    return creator._createConnection


# --- Decompression, and the end of a crawl


class HookedCompression(HttpCompressionMiddleware):
    """Scrapy's decompression, whose subclass can unpack gzip by itself.

    Scrapy's gzip takes three times as long as it needs to, on the thread that all downloads share. Private name:
    `_decode`, overridden.
    """

    def unpack_gzip(self, body: bytes, max_bytes: int) -> bytes | None:
        """Return the body unpacked, or None to leave it to Scrapy. `max_bytes` 0 allows any size."""
        raise NotImplementedError

    def _decode(self, body: bytes, encoding: bytes, max_size: int) -> bytes:  # type: ignore[override]
        unpacked = self.unpack_gzip(body, max_size) if encoding in (b"gzip", b"x-gzip") else None
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
