"""Private names of Scrapy and Twisted, all of them, each with its reason; the rest of the tree uses what is public here.

A test looks for each name, so that it fails on the day that one moves: tests/crawler/download/test_scrapy_internals.py. pyproject.toml caps
the versions meanwhile.
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


# --- the downloader


class TrackedSlot(Slot):
    """Scrapy's queue of one host, which also knows who waits for the answers that are under way."""

    def __init__(self, concurrency: int, delay: float):
        super().__init__(concurrency, delay, jitter=0.0)
        self.awaited: dict[Request, Deferred[Response]] = {}


class HookedDownloader(Downloader):
    """Scrapy's downloader; a subclass says which requests start when, by `new_slot`, `start_requests`, `after_slots_dropped`.

    Scrapy has settings for the length of the delay alone, and no setting for where it counts from.
    """

    # Scrapy looks for idle slots once a minute; a crawl of thousands of hosts meets a hundred new ones a second.
    _SLOT_GC_INTERVAL = 10.0

    def new_slot(self, request: Request, concurrency: int) -> TrackedSlot:
        """Return the slot of a host that has none."""
        raise NotImplementedError

    def start_requests(self, slot: Slot) -> None:
        """Start what may start of the slot's queue, with `start_request`; called whenever that may have changed, also
        while `slot.latercall` waits.
        """
        raise NotImplementedError

    def after_slots_dropped(self) -> None:
        """Do what is to be done after idle slots were dropped."""

    def start_request(self, slot: TrackedSlot, request: Request, answer: Deferred[Response]) -> None:
        """Download a request that was taken from the slot's queue."""
        slot.transferring.add(
            request
        )  # Scrapy 2.19 does so when the task first runs, and starts the whole queue by then
        deferred_from_coro(self._fetch_tracked(slot, request, answer))

    def start_later(self, slot: Slot, seconds: float) -> None:
        """Call `start_requests` again after so many seconds."""
        slot.latercall = call_later(seconds, self._start_now, slot)

    def give_up(self, error: Callable[[Request], Exception]) -> None:
        """Let nobody wait any longer for answers that are under way; each fails with the error of its request."""
        for slot in self.slots.values():
            for request, answer in list(slot.awaited.items()) if isinstance(slot, TrackedSlot) else ():
                if not answer.called:
                    answer.errback(error(request))

    async def _fetch_tracked(self, slot: TrackedSlot, request: Request, answer: Deferred[Response]) -> None:
        slot.awaited[request] = answer
        try:
            response = await self._download(slot, request)  # the handler, and the signals around it
        except Exception:
            if not answer.called:
                answer.errback(Failure())  # type: ignore[no-untyped-call]
        else:
            if not answer.called:
                answer.callback(response)
        finally:
            del slot.awaited[request]

    def _start_now(self, slot: Slot) -> None:
        slot.latercall = None
        self.start_requests(slot)

    def _get_slot(self, request: Request) -> tuple[str, Slot]:  # type: ignore[override]
        # Scrapy makes slots of its own class.
        key, slot = super()._get_slot(request)
        if not isinstance(slot, TrackedSlot):  # just made
            slot = self.slots[key] = self.new_slot(request, slot.concurrency)
        return key, slot

    def _slot_gc(self, age: float = _SLOT_GC_INTERVAL) -> None:
        # Scrapy keeps idle slots for a minute.
        super()._slot_gc(age)
        self.after_slots_dropped()

    def _process_queue(self, slot: Slot) -> None:
        # Scrapy's own counts the delay from the beginning of a request, and shortens it.
        self.start_requests(slot)


# --- the handler for http and https, and its connections


class HookedHandler(HTTP11DownloadHandler):
    """Scrapy's handler, with a connection pool and a TLS policy of the subclass: Scrapy has no settings for them."""

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        pool = self.new_pool()
        pool.maxPersistentPerHost = self._pool.maxPersistentPerHost
        pool._factory = self._pool._factory  # reads headers that Twisted's own refuses
        self._pool, self._contextFactory = pool, self.new_policy(self._contextFactory)

    def new_pool(self) -> HTTPConnectionPool:
        """Return the pool to use in place of Scrapy's."""
        raise NotImplementedError

    def new_policy(self, policy: IPolicyForHTTPS) -> IPolicyForHTTPS:
        """Return the policy to use in place of Scrapy's."""
        raise NotImplementedError


class HookedPool(HTTPConnectionPool):
    """Twisted's pool, which tells when a connection becomes idle, and keeps nothing of hosts without one."""

    def became_idle(self) -> None:
        """Do what is to be done when one more connection waits for its host's next request."""

    def count_idle(self) -> int:
        """Return the number of connections that wait, of all hosts."""
        return len(self._timeouts)

    def close_longest_idle(self) -> None:
        """Close the connection that has waited longest."""
        timeout = next(iter(self._timeouts.values()))  # they stand in the order in which connections became idle
        longest_idle = timeout.args  # of _removeConnection; gone once it is cancelled
        timeout.cancel()
        self._removeConnection(*longest_idle)

    def getConnection(self, key: Hashable, endpoint: Any) -> Any:  # noqa: N802
        """Return a connection to the host, an idle one if there is one."""
        connection = super().getConnection(key, endpoint)
        self._forget_empty(key)
        return connection

    def _putConnection(self, key: Hashable, connection: Any) -> None:  # noqa: N802
        # Twisted bounds the idle connections of one host, and not those of all.
        super()._putConnection(key, connection)  # type: ignore[no-untyped-call]
        self.became_idle()

    def _removeConnection(self, key: Hashable, connection: Any) -> None:  # noqa: N802
        # Twisted keeps an empty list of every host that it ever met.
        super()._removeConnection(key, connection)  # type: ignore[no-untyped-call]
        self._forget_empty(key)

    def _forget_empty(self, key: Hashable) -> None:
        if key in self._connections and not self._connections[key]:
            del self._connections[key]


def share_tls_context(creator: Any, shared: Any) -> Any:
    """Let a TLS connection creator use the context of `shared`, the result for the one before; None for the first.

    Twisted reads the system's certificates again for each connection, which takes 8 ms and 0.8 MB.
    """
    own = getattr(creator, "_createConnection", None)
    if own is None:  # before Twisted 26.4 the context has the host's name, and cannot be shared
        return shared
    creator._createConnection = shared or own
    return creator._createConnection


# --- the rest


class HookedCompression(HttpCompressionMiddleware):
    """Scrapy's decompression, where a subclass may unpack gzip by itself."""

    def unpack_gzip(self, body: bytes, most: int) -> bytes | None:
        """Return the body unpacked, or None to leave it to Scrapy; `most` bytes, or any length for 0."""
        raise NotImplementedError

    def _decode(self, body: bytes, encoding: bytes, max_size: int) -> bytes:  # type: ignore[override]
        # Scrapy's gzip takes three times as long, on the thread that all downloads share.
        whole = self.unpack_gzip(body, max_size) if encoding in (b"gzip", b"x-gzip") else None
        return super()._decode(body, encoding, max_size) if whole is None else whole


def is_closing(engine: ExecutionEngine | None) -> bool:
    """Tell whether the spider is being closed, or was: Scrapy's signals come only when that is done."""
    slot = engine._slot if engine else None
    return slot is None or slot.closing is not None


def finish_closing(engine: ExecutionEngine) -> None:
    """Let the scraper see that it has nothing left to do: Scrapy 2.19 forgets after an item that start() itself yielded."""
    slot = engine.scraper.slot
    if slot and slot.closing and not slot.closing.called:
        engine.scraper._check_if_closing()
