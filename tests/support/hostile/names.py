"""Resolve the names of outlets to loopback, and no other name: `-s TWISTED_DNS_RESOLVER=...LoopbackResolver`."""

from __future__ import annotations

from typing import Any

from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer, error
from twisted.internet.abstract import isIPAddress


class LoopbackResolver(CachingThreadedResolver):
    """Knows names that end in .example; a crawl that is tricked into another one reaches nothing."""

    def getHostByName(self, name: str, timeout: Any = ()) -> Any:  # noqa: ARG002, N802
        if isIPAddress(name):
            return defer.succeed(name)
        if name.endswith(".example"):
            return defer.succeed("127.0.0.1")
        return defer.fail(error.DNSLookupError(f"no such name: {name}"))
