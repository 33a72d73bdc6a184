"""Reject requests and redirects to machines that are not on the public internet."""

from __future__ import annotations

import contextlib
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from scrapy.utils.defer import maybe_deferred_to_future
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.error import DNSLookupError

from cleaners.rejection import RejectReason
from crawler.download.public_addresses import is_public_address, literal_address, why_private_host
from crawler.requests.request_rejected import RequestRejected

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class PrivateAddressMiddleware:
    """Rejects private, loopback and link-local hosts by their spelling (reason `private_address`).

    It must run before robots.txt is fetched. Hosts in the setting WINNOW_ALLOW_PRIVATE_HOSTS may be private.
    """

    def __init__(self, crawler: Crawler):
        self.allowed = {host.strip().lower() for host in crawler.settings.getlist("WINNOW_ALLOW_PRIVATE_HOSTS")}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise RequestRejected `private_address` for a private host, or for a scheme other than http and https."""
        url = urlparse_cached(request)
        if url.scheme not in ("http", "https"):
            raise RequestRejected(RejectReason.PRIVATE_ADDRESS, f"{url.scheme}: addresses are not fetched")
        host = url.hostname or ""
        if host not in self.allowed and (why := why_private_host(host)):
            raise RequestRejected(RejectReason.PRIVATE_ADDRESS, why)


class PrivateNameMiddleware(PrivateAddressMiddleware):
    """Rejects names that resolve to a private address.

    It must run after the proxy is chosen, because a proxy resolves names by itself. The resolver keeps its answers for
    the run, so the connection goes to the address that was checked, and a name cannot be rebound in between. The
    address that responded is checked once more.
    """

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self.uses_twisted = crawler.settings.getbool("TWISTED_REACTOR_ENABLED")

    async def process_request(self, request: Request) -> None:  # type: ignore[override]
        """Raise RequestRejected `private_address`. A name that cannot be resolved passes, and fails in the download."""
        host = urlparse_cached(request).hostname or ""
        if request.meta.get("proxy") or host in self.allowed or literal_address(host) or not self.uses_twisted:
            return
        from twisted.internet import reactor

        resolver: Any = reactor
        with contextlib.suppress(DNSLookupError):
            address = await maybe_deferred_to_future(resolver.resolve(host))
            self._check(host, address)

    def process_response(self, request: Request, response: Response) -> Response:
        """Raise RequestRejected `private_address` if the response came from a private address after all."""
        host = urlparse_cached(request).hostname or ""
        if response.ip_address and not request.meta.get("proxy") and host not in self.allowed:
            self._check(host, str(response.ip_address))
        return response

    @staticmethod
    def _check(host: str, address: str) -> None:
        if not is_public_address(ip_address(address)):
            raise RequestRejected(RejectReason.PRIVATE_ADDRESS, f"{host} resolves to {address}")
