"""The handler for http and https: a set number of connections that wait, and one TLS context for all.

A crawl meets thousands of hosts. Scrapy gives each connection a TLS context of its own (with certificates verified, 8 ms
to read the system's, and 0.8 MB), and Twisted keeps as many idle connections as there are hosts, for four minutes.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.download.scrapy_internals import HookedHandler, HookedPool, share_tls_context

if TYPE_CHECKING:
    from collections.abc import Hashable

# Seconds that a connection is kept for its host's next request, and how many are kept at most. Each takes some 100 KB.
IDLE_SECONDS = 20
MAX_IDLE = 256
# New connections between two collections of garbage. Each leaves a ring of some 45 objects, 7 KB, when it has ended; most
# have grown so old by then that the collector, left to itself, gets to them after many thousands.
COLLECT_EVERY = 1000


class BoundedPool(HookedPool):
    """A connection pool that lets go of the connection that has waited longest, and of every trace of a host."""

    cachedConnectionTimeout = IDLE_SECONDS  # noqa: N815
    _begun = 0  # connections so far

    def getConnection(self, key: Hashable, endpoint: Any) -> Any:  # noqa: N802
        """Return a connection to the host, an idle one if there is one."""
        connection = super().getConnection(key, endpoint)
        if not connection.called:  # a new one
            self._begun += 1
            if self._begun % COLLECT_EVERY == 0:
                gc.collect()
        return connection

    def became_idle(self) -> None:
        if self.count_idle() > MAX_IDLE:
            self.close_longest_idle()


@implementer(IPolicyForHTTPS)
class SharedTlsContext:
    """A policy whose connections share the TLS context of the first. What is verified of a certificate, and the name
    that is sent, belong to each connection and stay as they are.
    """

    def __init__(self, policy: Any):
        self._policy = policy
        self._shared: Any = None

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: N802
        """Return who makes connections to the host."""
        creator = self._policy.creatorForNetloc(hostname, port)
        self._shared = share_tls_context(creator, self._shared)
        return creator


class HttpHandler(HookedHandler):
    """Scrapy's handler for HTTP/1.1, with such a pool and such a policy."""

    def new_pool(self) -> BoundedPool:
        from twisted.internet import reactor

        return BoundedPool(reactor)  # type: ignore[no-untyped-call]

    def new_policy(self, policy: Any) -> Any:
        return SharedTlsContext(policy)
