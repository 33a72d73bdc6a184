"""Download over http and https with few idle connections and one TLS context.

A crawl meets thousands of hosts. Scrapy creates a TLS context for every connection (verifying certificates takes 8 ms
and 0.8 MB each), and Twisted keeps idle connections to every host for four minutes.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import DownloadFailedError, ResponseDataLossError
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.download.body_budget import body_budget_of
from crawler.download.bounded_connection import BoundedConnection, ResponseLimitError
from crawler.download.connection_internals import HookedPool, share_tls_context
from crawler.download.scrapy_internals import HookedHandler
from crawler.requests.request_rejected import RequestRejected

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

IDLE_SECONDS = 20  # for how long a connection waits for its host's next request
MAX_IDLE = 256  # idle connections of all hosts; each takes about 100 KB
# New connections between two garbage collections. A closed connection leaves a cycle of about 45 objects, 7 KB, which is
# so old by then that the collector, left to itself, would reach it only after many thousands more.
COLLECT_EVERY = 1000


class BoundedPool(HookedPool):
    """A connection pool that closes the longest idle connection when there are too many."""

    cachedConnectionTimeout = IDLE_SECONDS  # noqa: N815
    _created = 0  # connections so far

    def getConnection(self, key: Hashable, endpoint: Any) -> Any:  # noqa: N802
        """Return a Deferred of a connection to the host: an idle one if there is one, else a new one."""
        connection = super().getConnection(key, endpoint)
        is_new = not connection.called
        if is_new:
            self._created += 1
            if self._created % COLLECT_EVERY == 0:
                gc.collect()
        return connection

    def after_became_idle(self) -> None:
        if self.count_idle() > MAX_IDLE:
            self.close_longest_idle()


@implementer(IPolicyForHTTPS)
class SharedTlsContext:
    """A TLS policy whose connections all use the context of the first one.

    The name that is sent and the checks of a certificate belong to each connection, and stay as they are.
    """

    def __init__(self, policy: Any):
        self._policy = policy
        self._shared: Any = None

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: N802
        """Return the creator of TLS connections to the host."""
        creator = self._policy.creatorForNetloc(hostname, port)
        self._shared = share_tls_context(creator, self._shared)
        return creator


class HttpHandler(HookedHandler):
    """Scrapy's handler for HTTP/1.1, with a BoundedPool of BoundedConnections, and a SharedTlsContext."""

    def __init__(self, crawler: Crawler):
        self._budget = body_budget_of(crawler)
        super().__init__(crawler)

    async def download_request(self, request: Request) -> Response:
        """Return the response. Raises RequestRejected for one that breaks a limit; another try would not help."""
        try:
            return await super().download_request(request)
        except (DownloadFailedError, ResponseDataLossError) as error:
            for failure in getattr(error.__cause__, "reasons", ()):  # of Twisted's ResponseFailed
                if isinstance(failure.value, ResponseLimitError):
                    raise RequestRejected(failure.value.reason, str(failure.value)) from error
            raise

    def new_pool(self) -> BoundedPool:
        from twisted.internet import reactor

        return BoundedPool(reactor)  # type: ignore[no-untyped-call]

    def new_connection(self, idle: Callable[[Any], None]) -> BoundedConnection:
        return BoundedConnection(idle, self._budget)

    def new_policy(self, policy: Any) -> Any:
        return SharedTlsContext(policy)
