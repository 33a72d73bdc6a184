"""Chromium as scrapy-playwright runs it: started by the first page, started anew where it ended, closed with the run."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error
from scrapy import Request
from scrapy.http import TextResponse
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from crawler.rendering.requirements import find_chromium

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.rendering.page_visit import PageVisit

logger = logging.getLogger(__name__)

_FLAGS = (
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # it reaches no host by itself, by whatever way
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",  # nor an address that a script names
    "--disable-quic",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--js-flags=--max-old-space-size=512",  # MB that a page's scripts may use
)
_SIZE = {"width": 1280, "height": 4000}  # high: what is built when it comes into view is there at once
_START_SECONDS = 60.0  # seconds that it may take to start; on a busy machine it takes many
_LOGGED = re.compile(r"^.*?\b(?:ERROR|FATAL)\b[^\]]*\]?\s*")  # what stands before a message in Chromium's log
_CLOSE_SECONDS = 10.0  # seconds until it is not waited for any longer


class NoBrowserError(Exception):
    """Chromium cannot be started; one line that says why."""


class Chromium:
    """Shows pages to scrapy-playwright's handler, each in a context of its own: no cookie outlives its page."""

    def __init__(self, crawler: Crawler):
        logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)  # a traceback for each page that fails
        self._handler = ScrapyPlaywrightDownloadHandler(crawler)
        self._chosen = crawler.settings.get("CHROMIUM") or ""
        self._flags = (*_FLAGS, *crawler.settings.getlist("CHROMIUM_FLAGS"))
        config = self._handler.config
        config.target_closed_max_retries = 0  # a page that ends the browser would end the next one as well
        config.restart_disconnected_browser = False  # done here, where it cannot meet a new one half made
        config.navigation_timeout_ms = 0  # whoever asks for a page bounds its time
        config.download_timeout_secs = 1.0
        self._numbers = count(1)
        self._starting = asyncio.Lock()
        self._started = False
        self._gone = asyncio.Event()

    async def show(self, visit: PageVisit, user_agent: str) -> str:
        """The page's HTML when it is at rest. Raises playwright's Error, and what the visit raises."""
        name = f"page-{next(self._numbers)}"
        request = Request(
            visit.url,
            meta={
                "playwright": True,
                "playwright_context": name,
                "playwright_context_kwargs": {
                    "user_agent": user_agent,
                    "viewport": _SIZE,
                    "service_workers": "block",
                    "accept_downloads": False,
                },
                "playwright_page_init_callback": visit.begin,
                "playwright_page_goto_kwargs": {"wait_until": "commit", "timeout": 0},
                "playwright_page_methods": [PageMethod(visit.finish)],
            },
        )
        try:
            response = await self._handler.download_request(request)
        except Error:
            await self._find_out()
            raise
        finally:
            await self._close_context(name)
        assert isinstance(response, TextResponse)
        return response.text

    async def close(self) -> None:
        """End Chromium and what drives it."""
        if self._started:
            with contextlib.suppress(Error, TimeoutError):
                await asyncio.wait_for(self._handler.close(), _CLOSE_SECONDS)

    async def ready(self) -> None:
        """Start Chromium where it does not run; call it before each page. Raises NoBrowserError."""
        async with self._starting:
            handler: Any = self._handler
            if not self._started:
                handler.browser_provider = handler.browser_provider_cls(handler.config)
                await handler.browser_provider.start()  # which scrapy-playwright does with the engine, wanted or not
                self._started = True
            browser = getattr(handler, "browser", None)
            if browser is not None and browser.is_connected():
                return
            if browser is not None:
                logger.warning("Chromium ended; it is started anew")
                del handler.browser
            playwrights_own = handler.browser_provider.browser_type.executable_path
            executable = find_chromium(self._chosen, playwrights_own)
            if executable is None:
                raise NoBrowserError("no Chromium is installed")
            handler.config.launch_options = {
                "executable_path": executable,
                "args": self._flags,
                "chromium_sandbox": os.geteuid() != 0,  # which Chromium cannot set up for root
                "timeout": _START_SECONDS * 1000,
                "handle_sigint": False,  # the run ends it
                "handle_sigterm": False,
                "handle_sighup": False,
            }
            try:
                handler.browser = await handler.browser_provider.launch_browser()
            except Error as error:
                raise NoBrowserError(f"{executable} does not start: {_reason(error)}") from None
            handler.stats.inc_value("playwright/browser_count")
            self._gone = asyncio.Event()
            handler.browser.on("disconnected", partial(self._ended, self._gone))

    def _ended(self, gone: asyncio.Event, _browser: object) -> None:
        self._handler.context_wrappers.clear()  # they ended with it
        gone.set()

    async def _find_out(self) -> None:
        """A page failed: where it was the browser that did, wait until that is known, so that the next gets another."""
        browser: Any = self._handler.browser
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await (await browser.new_context()).close()
        except (Error, TimeoutError):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), _CLOSE_SECONDS)

    async def _close_context(self, name: str) -> None:
        wrapper = self._handler.context_wrappers.get(name)
        if wrapper is not None:
            with contextlib.suppress(Error, TimeoutError):
                await asyncio.wait_for(wrapper.context.close(), _CLOSE_SECONDS)


def _reason(error: Error) -> str:
    """The line of playwright's many that says what is wrong: Chromium's own, where it said something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [_LOGGED.sub("", line) for line in lines if "FATAL" in line or "ERROR" in line]
    return (told or lines or ["no reason given"])[0][:300].rstrip(".")
