"""Reject where a redirect leads: to another site, or to a URL that is too long.

Redirects may pass through any host, but must end on the site's own domain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from scrapy.utils.httpobj import urlparse_cached

from cleaners.rejection import RejectReason
from crawler.discovery.urls import is_host_under, registered_domain
from crawler.requests.request_info import info_of
from crawler.requests.request_rejected import RequestRejected
from crawler.requests.response_headers import header_text

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response


class DestinationMiddleware:
    """Rejects a response from a host outside `RequestInfo.domains` (reason `redirected_off_site`).

    With no domains, any host will do. It runs after redirects were followed, so it sees the last response alone. But it
    sees each request that a redirect makes, and rejects those whose URL is unusable, before anything else reads it.
    """

    def process_request(self, request: Request) -> None:
        """Raise RequestRejected `redirected_off_site` for a URL that is too long, or without a valid host."""
        if not info_of(request).is_subrequest:
            _check(request.url)

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response. Raises RequestRejected `redirected_off_site` that names the final URL."""
        _check(response.url)  # a script may have moved a rendered page
        location = header_text(response, "Location")
        if 300 <= response.status < 400 and location:  # Scrapy did not follow it
            target = urljoin(response.url, location)
            if urlsplit(target).scheme not in ("http", "https"):
                raise RequestRejected(RejectReason.REDIRECTED_OFF_SITE, f"redirects to {target[:200]}", response.status)
        domains = info_of(request).domains
        if domains and not is_host_under(urlparse_cached(response).hostname or "", domains):
            raise RequestRejected(RejectReason.REDIRECTED_OFF_SITE, f"ends at {response.url}", response.status)
        return response


def _check(url: str) -> None:
    try:
        registered_domain(url)
    except ValueError as error:
        raise RequestRejected(RejectReason.REDIRECTED_OFF_SITE, f"leads to {error}") from None
