"""Pages that send on to another one with `<meta http-equiv="refresh">`, known at their first bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware

from crawler.requests.request_info import info_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

_HEAD = 4 * 4096  # bytes: Scrapy looks at 4,096 characters
# What such a tag has at least, in small letters, also with its value in character references.
_MAY_REFRESH = re.compile(rb"http-equiv[^>]*(?:refresh|&)")


class RefreshMiddleware(MetaRefreshMiddleware):
    """Scrapy's own, which decodes the whole of every page to look at its beginning."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """The response, or the request for where it leads."""
        head = response.body[:_HEAD].lower()
        if b"\0" not in head and not _MAY_REFRESH.search(head):  # in UTF-16, with its NULs, it looks otherwise
            return response
        if info_of(request).is_subrequest:  # a browser goes on from pages, not from data
            return response
        return super().process_response(request, response)
