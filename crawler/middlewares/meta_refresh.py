"""Follow pages that redirect with `<meta http-equiv="refresh">`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware

from crawler.requests.request_info import info_of
from crawler.requests.response_body import with_body

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

_HEAD = 4 * 4096  # bytes; Scrapy examines 4,096 characters


class RefreshMiddleware(MetaRefreshMiddleware):
    """Follows them like Scrapy, without decoding all of every page to examine its start."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Return the response, or a request for the page that it redirects to."""
        head = response.body[:_HEAD].lower()
        if b"\0" not in head and not _may_refresh(head):  # UTF-16 has NULs, and is not searched
            return response
        if info_of(request).is_subrequest:  # a browser follows a refresh of pages, not of data
            return response
        start = with_body(response, response.body[:_HEAD])
        found = super().process_response(request, start)
        return response if found is start else found


def _may_refresh(head: bytes) -> bool:
    """Tell whether a page's start, in lower case, has such a tag; its value may be written with character references."""
    tags = (piece.partition(b">")[0] for piece in head.split(b"http-equiv")[1:])
    return any(b"refresh" in tag or b"&" in tag for tag in tags)
