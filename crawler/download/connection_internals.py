"""Give the private names of Twisted's HTTP client, and of Scrapy's additions to it, public ones: its connections.

Like scrapy_internals.py, which see: each class hooks into one of theirs, and names what it uses, and why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from twisted.web.client import HTTPConnectionPool
from twisted.web.http import _ChunkedTransferDecoder

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable


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


class JoinedChunks(_ChunkedTransferDecoder):
    """Twisted's decoder of chunked bodies, which delivers what arrives together at once; a subclass can limit the chunks.

    Scrapy sends a signal for each delivery: chunks of one byte would keep the event loop busy. Private name: the class.
    """

    def __init__(self, deliver: Callable[[bytes], None], finish: Callable[[bytes], None]):
        self._chunks: list[bytes] = []
        self._deliver, self._finish = deliver, finish
        super().__init__(self._add, self._finish_joined)

    def chunk_received(self, size: int) -> None:
        """Accept a chunk of `size` bytes, or raise the error with which the request then fails."""

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        try:
            super().dataReceived(data)
        finally:
            self._deliver_joined()

    def _add(self, chunk: bytes) -> None:
        self.chunk_received(len(chunk))
        self._chunks.append(chunk)

    def _finish_joined(self, rest: bytes) -> None:
        self._deliver_joined()
        self._finish(rest)

    def _deliver_joined(self) -> None:
        if self._chunks:
            joined = b"".join(self._chunks)
            self._chunks.clear()
            self._deliver(joined)


class HookedParser(_LenientHTTPClientParser):
    """Scrapy's parser of one response, which accepts headers that Twisted's refuses; a subclass can limit its head.

    Twisted limits a line, not their number or sum. Private names: Scrapy's class, and `_transferDecoders`, replaced.
    """

    chunks_class: type[JoinedChunks] = JoinedChunks

    @property
    def _transferDecoders(self) -> dict[bytes, type[JoinedChunks]]:  # type: ignore[override]  # noqa: N802
        return {b"chunked": self.chunks_class}

    def head_line_received(self, size: int) -> None:
        """Accept a line of the head, of `size` bytes, or raise the error with which the request then fails."""

    def lineReceived(self, line: bytes) -> None:  # noqa: N802
        self.head_line_received(len(line) + len(self.delimiter))
        super().lineReceived(line)


class HookedConnection(_LenientHTTP11ClientProtocol):
    """Scrapy's connection to a host, whose subclass follows how much of a response has arrived.

    Private names: the class, and `_parser`, replaced: it is None unless a response is awaited.
    """

    parser_class: type[HookedParser] = HookedParser

    def response_grew(self, size: int) -> None:
        """Respond to `size` more bytes of the response."""

    def response_ended(self) -> None:
        """Respond to the end of the response, if one was expected; may be called twice."""

    def request(self, request: Any) -> Any:
        response = super().request(request)
        assert self._parser is not None
        self._parser.__class__ = self.parser_class  # as Scrapy does
        return response

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self._parser is None:  # nobody asked for it, and a TLS connection would read on after its end
            self.transport.abortConnection()  # type: ignore[union-attr]
            return
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if self._parser is None:
            self.response_ended()
        else:
            self.response_grew(len(data))

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802
        super().connectionLost(reason)  # type: ignore[no-untyped-call]
        self.response_ended()


class HookedFactory(_LenientHTTP11ClientFactory):
    """Builds connections of the subclass of HookedHandler. Private name: `_quiescentCallback`."""

    def __init__(self, new_connection: Callable[[Any], HookedConnection], *args: Any):
        super().__init__(*args)  # type: ignore[no-untyped-call]
        self._new_connection = new_connection

    def buildProtocol(self, addr: Any) -> HookedConnection:  # noqa: ARG002, N802
        return self._new_connection(self._quiescentCallback)
