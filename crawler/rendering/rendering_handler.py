"""The download handler of the crawl: fetches, and has a page built in Chromium where `RequestInfo.render` asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.download.http_handler import HttpHandler
from crawler.rendering.page_renderer import PageRenderer
from crawler.request_info import info_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class RenderingHandler(HttpHandler):
    """Fetches as HttpHandler does; an HTML page that was asked for with `render` is then built in Chromium.

    This happens inside the host's turn in the downloader: the delay to the next request counts from the page's end.
    All before and after it sees one response, so robots.txt, redirects, revisits and limits are what they are for any
    page.
    """

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self._renderer = crawler.get_extension(PageRenderer)

    async def download_request(self, request: Request) -> Response:
        """Return the response; raises RequestRejected `download_failed` or `too_large` for a page that cannot be rendered."""
        if not info_of(request).render:
            return await super().download_request(request)
        if self._renderer is None:
            raise RuntimeError("EXTENSIONS_BASE lacks crawler.rendering.page_renderer.PageRenderer")
        self._renderer.refuse_if_broken()
        return await self._renderer.render(request, await super().download_request(request))
