"""Download pages, and render in Chromium those whose request asks for it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.http import HtmlResponse, Response

from cleaners.rejection import RejectReason
from crawler.download.body_budget import body_budget_of
from crawler.download.content_type import HTML_TYPES, describe_binary, looks_like_html, media_type
from crawler.download.http_handler import HttpHandler
from crawler.middlewares.decompress import DecompressMiddleware
from crawler.requests.request_info import info_of
from crawler.requests.request_rejected import RequestRejected

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler

    from crawler.rendering.chromium import Chromium
    from crawler.rendering.subresources import SubresourceFetcher

logger = logging.getLogger(__name__)


class RenderingHandler(HttpHandler):
    """Downloads like HttpHandler; if the request has `RequestInfo.render`, Chromium then renders the HTML page.

    Rendering happens within the host's turn in the downloader: its delay counts from the end of the rendering.
    Middlewares see one response, so robots.txt, redirects, revisits and limits work as for any page.
    """

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self._renderer = crawler.get_extension(PageRenderer)

    async def download_request(self, request: Request) -> Response:
        """Return the response. Raises RequestRejected `download_failed` or `too_large` if the page cannot be rendered."""
        if not info_of(request).render:
            return await super().download_request(request)
        if self._renderer is None:
            raise RuntimeError("EXTENSIONS_BASE lacks crawler.rendering.rendering_handler.PageRenderer")
        self._renderer.reject_if_broken()
        return await self._renderer.render(request, await super().download_request(request))


class PageRenderer:
    """Owns the crawl's one browser: an extension, because the handlers of http and https share it.

    The first page that needs it loads and starts it.
    """

    def __init__(self, crawler: Crawler):
        self._crawler = crawler
        self._seconds = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._max_size = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._free_pages = asyncio.Semaphore(max(1, crawler.settings.getint("RENDER_PAGES")))
        self._browser: Chromium | None = None
        self._fetcher: SubresourceFetcher | None = None
        self._start_failure: str | None = None
        crawler.signals.connect(self.close, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def render(self, request: Request, response: Response) -> Response:
        """Return the rendered page, or the response itself if it is not HTML.

        If a script leaves for another page, return a redirect. Raises RequestRejected `download_failed` or `too_large`.
        """
        if response.status != 200:
            return response
        decompress = self._crawler.get_downloader_middleware(DecompressMiddleware)
        page = await decompress.process_response(request, response) if decompress else response
        if not _is_html(page):
            return page
        body_budget_of(self._crawler).hold(page)  # it waits while others are rendered
        async with self._free_pages:
            self.reject_if_broken()
            return await self._render(request, page)

    def reject_if_broken(self) -> None:
        """Raise RequestRejected `download_failed` if the browser failed to start, so that no page is fetched for it."""
        if self._start_failure:
            detail = f"cannot be rendered: {self._start_failure}"
            raise RequestRejected(RejectReason.DOWNLOAD_FAILED, detail, reached=False)

    async def close(self) -> None:
        """Close the browser if it was started."""
        if self._browser is not None:
            await self._browser.close()

    async def _render(self, request: Request, page: Response) -> Response:
        # playwright is optional, and slow to import.
        from playwright.async_api import Error

        from crawler.rendering.chromium import Chromium, NoBrowserError
        from crawler.rendering.memory_watch import BrowserMemoryError
        from crawler.rendering.page_visit import PageMoved, PageVisit
        from crawler.rendering.subresources import SubresourceFetcher, to_resource_response

        self._browser = self._browser or Chromium(self._crawler)
        self._fetcher = self._fetcher or SubresourceFetcher(self._crawler)
        seconds = float(request.meta.get("download_timeout", self._seconds))
        max_size = int(request.meta.get("download_maxsize", self._max_size))
        document = to_resource_response(page)
        visit = PageVisit(page.url, document, self._fetcher, max_chars=max_size, settle_seconds=seconds / 3)
        user_agent = (request.headers.get("User-Agent") or b"").decode("latin-1")
        try:
            await self._browser.ensure_running()  # outside the timeout: starting is slow on a busy machine
            async with asyncio.timeout(seconds):
                html = await self._browser.render(visit, user_agent)
        except PageMoved as moved:
            return Response(page.url, status=302, headers={"Location": moved.url}, request=request)
        except TimeoutError:
            detail = f"is not rendered after {seconds:g} s"
            raise RequestRejected(RejectReason.DOWNLOAD_FAILED, detail, page.status) from None
        except NoBrowserError as error:
            self._start_failure = str(error)
            logger.error(
                "%s; pages of profiles with render = true are left for the next run. %s", error, _advice(error)
            )
            self.reject_if_broken()
        except (Error, BrowserMemoryError) as error:
            first_line = (str(error).splitlines() or ["the browser failed"])[0]
            detail = f"cannot be rendered: {first_line[:200]}"
            raise RequestRejected(RejectReason.DOWNLOAD_FAILED, detail, page.status) from None
        assert self._crawler.stats
        self._crawler.stats.inc_value("rendering/pages")
        return _with_html(page, html)


def _advice(error: Exception) -> str:
    if "sandbox" in str(error):
        return "Where no sandbox can be set up, start Chromium without one: -s CHROMIUM_FLAGS=--no-sandbox"
    return "Install Chromium, or name its executable with -s CHROMIUM=FILE or WINNOW_CHROMIUM"


def _is_html(page: Response) -> bool:
    declared = media_type(page.headers.get("Content-Type"))
    return not describe_binary(page.body) and (declared in HTML_TYPES or looks_like_html(page.body))


def _with_html(page: Response, html: str) -> Response:
    """Replace a page's body with HTML, in UTF-8; keep its URL, status and all that says where it came from."""
    headers = page.headers.copy()
    for name in ("Content-Length", "Transfer-Encoding", "Content-Encoding"):
        headers.pop(name, None)
    headers["Content-Type"] = "text/html; charset=utf-8"
    return HtmlResponse(
        page.url,
        status=page.status,
        headers=headers,
        body=html.encode("utf-8", errors="replace"),
        flags=[*page.flags, "rendered"],
        request=page.request,
        certificate=page.certificate,
        ip_address=page.ip_address,
        protocol=page.protocol,
        encoding="utf-8",
    )
