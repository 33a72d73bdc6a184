"""Pages that send on to another one with `<meta http-equiv="refresh">`, known at their first bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

_HEAD = 4 * 4096  # bytes: Scrapy looks at 4,096 characters
# What such a tag has at least, also with its value in character references; NUL: in UTF-16 it looks otherwise.
_MAY_REFRESH = re.compile(rb"http-equiv[^>]*(?:refresh|&)|\0", re.IGNORECASE)


class RefreshMiddleware(MetaRefreshMiddleware):
    """Scrapy's own, which decodes the whole of every page to look at its beginning."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """The response, or the request for where it leads."""
        if not _MAY_REFRESH.search(response.body, 0, _HEAD):
            return response
        return super().process_response(request, response)
