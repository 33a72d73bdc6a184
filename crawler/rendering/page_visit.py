"""One page in the browser: its requests are answered from here, until it is at rest."""

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

QUIET = 0.5  # seconds without a request and a change of the page: it is at rest

# Ways to the network that pass by what answers the requests. Chromium could not resolve a name for them anyway.
_NO_SIDE_DOORS = (
    "for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'WebTransport']) delete self[name]"
)

_QUIET = """quiet => new Promise(done => {
    let timer = setTimeout(done, quiet);
    const again = () => { clearTimeout(timer); timer = setTimeout(done, quiet) };
    new MutationObserver(again).observe(document, {childList: true, characterData: true, subtree: true});
})"""

# What is there for readers without scripts is not part of the page that was built; the length bounds what is read.
_FINISH = """() => {
    for (const element of document.querySelectorAll('noscript')) element.remove();
    return document.documentElement.outerHTML.length;
}"""


class PageMoved(Exception):  # noqa: N818 - no error: the page went on to another
    """A script, or a refresh, went on to another page."""

    def __init__(self, url: str):
        super().__init__(url)
        self.url = url


class PageVisit:
    """Answers a page's first request with `document`, and what it then asks for with what `resources` give.

    `most` are the characters that it may grow to. `patience` are the seconds that it has to come to rest once it is
    loaded; one with a clock on it never does, and is taken as it is.
    """

    def __init__(
        self, url: str, document: ResourceResponse, resources: SubresourceFetcher, *, most: int, patience: float
    ):
        self.url, self._document, self._resources = url, document, resources
        self._most, self._patience = most, patience
        self._allowance = resources.allowance()
        self._under_way: set[Request] = set()
        self._begun = 0
        self._served = False
        self._moved: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def begin(self, page: Page, _request: object = None) -> None:
        """Take over the page's requests, before it has made one."""
        page.on("request", self._begin)
        page.on("requestfinished", lambda request: self._under_way.discard(request))
        page.on("requestfailed", lambda request: self._under_way.discard(request))
        await page.add_init_script(_NO_SIDE_DOORS)
        await page.route_web_socket("**/*", _close)
        await page.route("**/*", lambda route: self._answer(page, route))

    async def finish(self, page: Page) -> None:
        """Wait until the page is loaded and at rest. Raises Moved, and RequestRejected `too_large`."""
        await self._unless_moved(page.wait_for_load_state("load", timeout=0))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                at_rest = False
                while not at_rest:
                    before = self._begun, len(self._under_way)
                    await self._unless_moved(page.evaluate(_QUIET, QUIET * 1000))
                    at_rest = before == (self._begun, 0)
        size = await self._unless_moved(page.evaluate(_FINISH))
        if size > self._most:
            raise RequestRejected(
                RejectReason.TOO_LARGE, f"grows to {size:,} characters, more than {self._most:,}, when rendered", 200
            )

    def _begin(self, request: Request) -> None:
        self._begun += 1
        self._under_way.add(request)

    async def _answer(self, page: Page, route: Route) -> None:
        with contextlib.suppress(Error):  # the page is gone
            answer = await self._answer_to(page, route.request)
            if answer is None:
                await route.abort("blockedbyclient")
            else:
                await route.fulfill(status=answer.status, headers=dict(answer.headers), body=answer.body)

    async def _answer_to(self, page: Page, request: Request) -> ResourceResponse | None:
        if request.is_navigation_request():
            return self._navigation(page, request)
        wanted = ResourceRequest(
            request.url, request.resource_type, request.method, request.headers, request.post_data_buffer or b""
        )
        return await self._resources.get(wanted, self.url, self._allowance)

    def _navigation(self, page: Page, request: Request) -> ResourceResponse | None:
        if not self._served:
            self._served = True
            return self._document
        if request.frame == page.main_frame and request.method == "GET" and not self._moved.done():
            target = request.url.partition("#")[0]
            if target != self.url.partition("#")[0] and target.startswith(("http://", "https://")):
                self._moved.set_result(target)
        return None

    async def _unless_moved(self, waiting: Coroutine[Any, Any, _T]) -> _T:
        task = asyncio.ensure_future(waiting)
        either: list[asyncio.Future[Any]] = [task, self._moved]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            task.cancel()
        if self._moved.done():
            raise PageMoved(self._moved.result())
        return await task


async def _close(socket: WebSocketRoute) -> None:
    await socket.close()
