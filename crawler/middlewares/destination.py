"""A request is judged by where it ends: through any tracker, but on the outlet's own domain."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from scrapy.utils.httpobj import urlparse_cached

from cleaners.rejection import RejectReason
from crawler.discovery.urls import is_host_under
from crawler.requests.request_info import info_of
from crawler.requests.request_rejected import RequestRejected

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response


class DestinationMiddleware:
    """Refuses an answer from a host outside `RequestInfo.domains` (reason `redirected_off_site`).

    With none in them, any host will do. It sees an answer after redirects were followed, so it
    never sees those in between.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        """The response; raises RequestRejected `redirected_off_site` naming where it led."""
        location = (response.headers.get("Location") or b"").decode("latin-1")
        if 300 <= response.status < 400 and location:  # one that is not followed, else it would not come here
            target = urljoin(response.url, location)
            if urlsplit(target).scheme not in ("http", "https"):
                raise RequestRejected(RejectReason.REDIRECTED_OFF_SITE, f"redirects to {target[:200]}", response.status)
        domains = info_of(request).domains
        if domains and not is_host_under(urlparse_cached(response).hostname or "", domains):
            raise RequestRejected(RejectReason.REDIRECTED_OFF_SITE, f"ends at {response.url}", response.status)
        return response
