"""Answer the requests of one page in the browser until it has settled."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, TypeVar

from playwright.async_api import Error

from cleaners.rejection import RejectReason
from crawler.rendering.subresources import ResourceRequest, ResourceResponse, SubresourceFetcher
from crawler.requests.request_rejected import RequestRejected

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from playwright.async_api import Page, Request, Route, WebSocketRoute

_T = TypeVar("_T")

QUIET_SECONDS = 0.5  # without a request or a change of the page; then it has settled

# Ways to the network that bypass request interception. Chromium could not resolve a name for them anyway.
_DELETE_BYPASSES = (
    "for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'WebTransport']) delete self[name]"
)

_WAIT_UNTIL_QUIET = """quiet => new Promise(done => {
    let timer = setTimeout(done, quiet);
    const again = () => { clearTimeout(timer); timer = setTimeout(done, quiet) };
    new MutationObserver(again).observe(document, {childList: true, characterData: true, subtree: true});
})"""

# Text for readers without scripts is not part of the rendered page. The length is checked before the page is read.
_DROP_NOSCRIPT = """() => {
    for (const element of document.querySelectorAll('noscript')) element.remove();
    return document.documentElement.outerHTML.length;
}"""


class PageMoved(Exception):  # noqa: N818 - not an error: the handler turns it into a redirect
    """Raised when a script or a refresh leaves for the page at `url`."""

    def __init__(self, url: str):
        super().__init__(url)
        self.url = url


class PageVisit:
    """Answers a page's first request with `document`, and all others through `fetcher`.

    The page may grow to `max_chars` characters. Once loaded, it has `settle_seconds` to settle; a page that never
    does, such as one with a clock, is then taken as it is.
    """

    def __init__(
        self,
        url: str,
        document: ResourceResponse,
        fetcher: SubresourceFetcher,
        *,
        max_chars: int,
        settle_seconds: float,
    ):
        self.url, self._document, self._fetcher = url, document, fetcher
        self._max_chars, self._settle_seconds = max_chars, settle_seconds
        self._budget = fetcher.new_budget()
        self._in_progress: set[Request] = set()
        self._started = 0
        self._document_served = False
        self._moved_to: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def start(self, page: Page, _request: object = None) -> None:
        """Intercept the page's requests. Call it before the page has made one."""
        page.on("request", self._request_started)
        page.on("requestfinished", lambda request: self._in_progress.discard(request))
        page.on("requestfailed", lambda request: self._in_progress.discard(request))
        await page.add_init_script(_DELETE_BYPASSES)
        await page.route_web_socket("**/*", _refuse_socket)
        await page.route("**/*", lambda route: self._answer(page, route))

    async def finish(self, page: Page) -> None:
        """Wait until the page is loaded and has settled. Raises PageMoved, and RequestRejected `too_large`."""
        await self._unless_moved(page.wait_for_load_state("load", timeout=0))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settle_seconds):
                settled = False
                while not settled:
                    before = self._started, len(self._in_progress)
                    await self._unless_moved(page.evaluate(_WAIT_UNTIL_QUIET, QUIET_SECONDS * 1000))
                    settled = before == (self._started, 0)
        size = await self._unless_moved(page.evaluate(_DROP_NOSCRIPT))
        if size > self._max_chars:
            detail = f"grows to {size:,} characters, more than {self._max_chars:,}, when rendered"
            raise RequestRejected(RejectReason.TOO_LARGE, detail, 200)

    def _request_started(self, request: Request) -> None:
        self._started += 1
        self._in_progress.add(request)

    async def _answer(self, page: Page, route: Route) -> None:
        with contextlib.suppress(Error):  # raised if the page is closed
            response = await self._response_to(page, route.request)
            if response is None:
                await route.abort("blockedbyclient")
            else:
                await route.fulfill(status=response.status, headers=dict(response.headers), body=response.body)

    async def _response_to(self, page: Page, request: Request) -> ResourceResponse | None:
        if request.is_navigation_request():
            return self._navigation(page, request)
        resource = ResourceRequest(
            request.url, request.resource_type, request.method, request.headers, request.post_data_buffer or b""
        )
        return await self._fetcher.get(resource, self.url, self._budget)

    def _navigation(self, page: Page, request: Request) -> ResourceResponse | None:
        if not self._document_served:
            self._document_served = True
            return self._document
        if request.frame == page.main_frame and request.method == "GET" and not self._moved_to.done():
            target = request.url.partition("#")[0]
            if target != self.url.partition("#")[0] and target.startswith(("http://", "https://")):
                self._moved_to.set_result(target)
        return None

    async def _unless_moved(self, awaitable: Coroutine[Any, Any, _T]) -> _T:
        """Await a result of the page; raise PageMoved as soon as the page leaves for another."""
        task = asyncio.ensure_future(awaitable)
        either: list[asyncio.Future[Any]] = [task, self._moved_to]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            task.cancel()
        if self._moved_to.done():
            raise PageMoved(self._moved_to.result())
        return await task


async def _refuse_socket(socket: WebSocketRoute) -> None:
    await socket.close()
