"""No request, and no redirect, to a machine that is not on the public internet."""

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
    """Refuses private, loopback and link-local hosts (reason `private_address`), by how they are written.

    It comes before robots.txt is asked for. Hosts in the setting WINNOW_ALLOW_PRIVATE_HOSTS may be private.
    """

    def __init__(self, crawler: Crawler):
        self.allowed = {host.strip().lower() for host in crawler.settings.getlist("WINNOW_ALLOW_PRIVATE_HOSTS")}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raises RequestRejected `private_address`, also for what is not http or https."""
        url = urlparse_cached(request)
        if url.scheme not in ("http", "https"):
            raise RequestRejected(RejectReason.PRIVATE_ADDRESS, f"{url.scheme}: addresses are not fetched")
        host = url.hostname or ""
        if host not in self.allowed and (why := why_private_host(host)):
            raise RequestRejected(RejectReason.PRIVATE_ADDRESS, why)


class PrivateNameMiddleware(PrivateAddressMiddleware):
    """Refuses names that resolve to such an address.

    It comes after the proxy is chosen: behind one, names are resolved there and not here. The connection goes to the
    address that was judged, as the resolver keeps its answers for the run, so a name cannot be rebound in between;
    the address that answered is judged once more.
    """

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self.twisted = crawler.settings.getbool("TWISTED_REACTOR_ENABLED")

    async def process_request(self, request: Request) -> None:  # type: ignore[override]
        """Raises RequestRejected `private_address`; a name that cannot be resolved is left to fail as it will."""
        host = urlparse_cached(request).hostname or ""
        if request.meta.get("proxy") or host in self.allowed or literal_address(host) or not self.twisted:
            return
        from twisted.internet import reactor

        resolving: Any = reactor
        with contextlib.suppress(DNSLookupError):
            address = await maybe_deferred_to_future(resolving.resolve(host))
            self._judge(host, address)

    def process_response(self, request: Request, response: Response) -> Response:
        """Raises RequestRejected `private_address` where the answer came from one after all."""
        host = urlparse_cached(request).hostname or ""
        if response.ip_address and not request.meta.get("proxy") and host not in self.allowed:
            self._judge(host, str(response.ip_address))
        return response

    @staticmethod
    def _judge(host: str, address: str) -> None:
        if not is_public_address(ip_address(address)):
            raise RequestRejected(RejectReason.PRIVATE_ADDRESS, f"{host} resolves to {address}")
