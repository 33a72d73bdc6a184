"""Connections that wait for their host's next request: a set number of them, and one TLS context for all.

A crawl meets thousands of hosts. Scrapy gives each connection a TLS context of its own (with certificates verified, 8 ms
to read the system's, and 0.8 MB), and Twisted keeps as many idle connections as there are hosts, for four minutes.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from twisted.web.client import HTTPConnectionPool
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Hashable

# Seconds that a connection is kept for its host's next request, and how many are kept at most. Each takes some 100 KB.
IDLE = 20
MOST = 256
# New connections between two collections of garbage. Each leaves a ring of some 45 objects, 7 KB, when it has ended; most
# have grown so old by then that the collector, left to itself, gets to them after many thousands.
COLLECT_AFTER = 1000


class BoundedPool(HTTPConnectionPool):
    """Twisted's pool; it lets go of the connection that has waited longest, and of every trace of a host."""

    cachedConnectionTimeout = IDLE  # noqa: N815
    _begun = 0  # connections so far

    def getConnection(self, key: Hashable, endpoint: Any) -> Any:  # noqa: N802
        """A connection to the host, an idle one if there is one."""
        connection = super().getConnection(key, endpoint)
        self._forget_empty(key)
        return connection

    def _newConnection(self, key: Hashable, endpoint: Any) -> Any:  # noqa: N802
        self._begun += 1
        if self._begun % COLLECT_AFTER == 0:
            gc.collect()
        return super()._newConnection(key, endpoint)

    def _putConnection(self, key: Hashable, connection: Any) -> None:  # noqa: N802
        super()._putConnection(key, connection)  # type: ignore[no-untyped-call]
        if len(self._timeouts) > MOST:
            timeout = next(iter(self._timeouts.values()))  # they stand in the order in which connections became idle
            longest_idle = timeout.args  # of _removeConnection; gone once it is cancelled
            timeout.cancel()
            self._removeConnection(*longest_idle)

    def _removeConnection(self, key: Hashable, connection: Any) -> None:  # noqa: N802
        super()._removeConnection(key, connection)  # type: ignore[no-untyped-call]
        self._forget_empty(key)

    def _forget_empty(self, key: Hashable) -> None:
        if key in self._connections and not self._connections[key]:
            del self._connections[key]


@implementer(IPolicyForHTTPS)
class SharedContext:
    """A policy whose connections share the TLS context of the first. What is verified of a certificate, and the name
    that is sent, belong to each connection and stay as they are."""

    def __init__(self, policy: Any):
        self._policy = policy
        self._connect: Any = None

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: N802
        """Who makes connections to the host."""
        creator = self._policy.creatorForNetloc(hostname, port)
        if connect := getattr(
            creator, "_createConnection", None
        ):  # before Twisted 26.4, the context has the host's name
            self._connect = self._connect or connect
            creator._createConnection = self._connect
        return creator


def tend(handler: Any) -> None:
    """Give a download handler of Scrapy's, if it is one for HTTP, such a pool and such a policy: it has no setting."""
    pool, policy = getattr(handler, "_pool", None), getattr(handler, "_contextFactory", None)
    if not isinstance(pool, HTTPConnectionPool) or policy is None:
        return
    bounded = BoundedPool(pool._reactor, persistent=True)  # type: ignore[no-untyped-call]
    bounded.maxPersistentPerHost, bounded._factory = pool.maxPersistentPerHost, pool._factory
    handler._pool, handler._contextFactory = bounded, SharedContext(policy)
