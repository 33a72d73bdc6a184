"""Download pages, and build in Chromium those whose request asks for it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.http import HtmlResponse, Response

from cleaners.rejection import RejectReason
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


class PageRenderer:
    """Owns the crawl's one browser: an extension, for the handlers of http and https share it.

    Nothing of it is loaded or started before the first page.
    """

    def __init__(self, crawler: Crawler):
        self._crawler = crawler
        self._seconds = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._most = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._room = asyncio.Semaphore(max(1, crawler.settings.getint("RENDER_PAGES")))
        self._tools: tuple[Chromium, SubresourceFetcher] | None = None
        self._broken: str | None = None
        crawler.signals.connect(self.close, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def render(self, request: Request, response: Response) -> Response:
        """Return the page that scripts make of the response, or the response where it is no HTML page.

        A script that goes on to another page makes it a redirect. Raises RequestRejected `download_failed` or `too_large`.
        """
        if response.status != 200:
            return response
        decompress = self._crawler.get_downloader_middleware(DecompressMiddleware)
        page = decompress.process_response(request, response) if decompress else response
        assert isinstance(page, Response)
        if not _is_html(page):
            return page
        async with self._room:
            self.refuse_if_broken()
            return await self._render(request, page)

    async def _render(self, request: Request, page: Response) -> Response:
        from playwright.async_api import Error

        from crawler.rendering.chromium import NoBrowserError
        from crawler.rendering.page_visit import PageMoved, PageVisit
        from crawler.rendering.subresources import to_answer

        browser, resources = self._use()
        seconds = float(request.meta.get("download_timeout", self._seconds))
        most = int(request.meta.get("download_maxsize", self._most))
        visit = PageVisit(page.url, to_answer(page), resources, most=most, patience=seconds / 3)
        agent = (request.headers.get("User-Agent") or b"").decode("latin-1")
        try:
            await browser.ready()  # which takes its time on a busy machine, and not the page's
            async with asyncio.timeout(seconds):
                html = await browser.show(visit, agent)
        except PageMoved as moved:
            return Response(page.url, status=302, headers={"Location": moved.url}, request=request)
        except TimeoutError:
            raise RequestRejected(
                RejectReason.DOWNLOAD_FAILED, f"is not rendered after {seconds:g} s", page.status
            ) from None
        except NoBrowserError as error:
            self._broken = str(error)
            logger.error(
                "%s; pages of profiles with render = true are left for the next run. %s", error, _advice(error)
            )
            self.refuse_if_broken()
        except Error as error:
            what = (str(error).splitlines() or ["the browser failed"])[0]
            raise RequestRejected(
                RejectReason.DOWNLOAD_FAILED, f"cannot be rendered: {what[:200]}", page.status
            ) from None
        self._count()
        return _rendered(page, html)

    def _use(self) -> tuple[Chromium, SubresourceFetcher]:
        if self._tools is None:
            from crawler.rendering.chromium import Chromium
            from crawler.rendering.subresources import SubresourceFetcher

            self._tools = Chromium(self._crawler), SubresourceFetcher(self._crawler)
        return self._tools

    def refuse_if_broken(self) -> None:
        """Raise RequestRejected `download_failed` where the browser did not start: no page is worth its fetch then."""
        if self._broken:
            raise RequestRejected(RejectReason.DOWNLOAD_FAILED, f"cannot be rendered: {self._broken}", reached=False)

    def _count(self) -> None:
        assert self._crawler.stats
        self._crawler.stats.inc_value("rendering/pages")

    async def close(self) -> None:
        """End the browser, where there is one."""
        if self._tools is not None:
            await self._tools[0].close()


def _advice(error: Exception) -> str:
    if "sandbox" in str(error):
        return "Where none can be set up, start it without: -s CHROMIUM_FLAGS=--no-sandbox"
    return "Install Chromium, or name its executable with -s CHROMIUM=FILE or WINNOW_CHROMIUM"


def _is_html(page: Response) -> bool:
    declared = media_type(page.headers.get("Content-Type"))
    return not describe_binary(page.body) and (declared in HTML_TYPES or looks_like_html(page.body))


def _rendered(page: Response, html: str) -> Response:
    """The page with another body, in UTF-8; where it came from stays as it was."""
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


if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler


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
            raise RuntimeError("EXTENSIONS_BASE lacks crawler.rendering.rendering_handler.PageRenderer")
        self._renderer.refuse_if_broken()
        return await self._renderer.render(request, await super().download_request(request))
