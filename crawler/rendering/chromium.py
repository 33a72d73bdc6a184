"""Run Chromium through scrapy-playwright: start it for the first page, restart it after a crash, close it at the end."""

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

from crawler.rendering.memory_watch import BrowserMemoryError, MemoryWatch
from crawler.rendering.requirements import find_chromium

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.rendering.page_visit import PageVisit

logger = logging.getLogger(__name__)

_NO_HOSTS = "--host-resolver-rules=MAP * ~NOTFOUND"  # keeps it from reaching any host by itself
_FLAGS = (
    "--no-proxy-server",
    _NO_HOSTS,
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",  # nor any address that a script names
    "--disable-quic",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--js-flags=--max-old-space-size=512",  # MB that a page's scripts may use
)
_VIEWPORT = {"width": 1280, "height": 4000}  # tall, so that what loads when it comes into view loads at once
_START_SECONDS = 60.0  # limit for starting, which is slow on a busy machine
_LOG_PREFIX = re.compile(r"^.*?\b(?:ERROR|FATAL)\b[^\]]*\]?\s*")  # of a line in Chromium's log
_CLOSE_SECONDS = 10.0  # limit for closing


class NoBrowserError(Exception):
    """Say in one line why Chromium cannot be started."""


class Chromium:
    """Renders pages through scrapy-playwright's handler, each in a browser context of its own, so no cookie outlives it."""

    def __init__(self, crawler: Crawler):
        logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)  # it logs a traceback for every page that fails
        self._handler = ScrapyPlaywrightDownloadHandler(crawler)
        self._configured = crawler.settings.get("CHROMIUM") or ""
        self._flags = (*_FLAGS, *crawler.settings.getlist("CHROMIUM_FLAGS"))
        config = self._handler.config
        config.target_closed_max_retries = 0  # a page that crashed the browser would crash the next one too
        config.restart_disconnected_browser = False  # `ensure_running` does it, under a lock
        config.navigation_timeout_ms = 0  # the caller of `render` limits the time
        config.download_timeout_secs = 1.0
        self._memory = MemoryWatch(crawler.settings.getint("RENDER_MEMORY_MB"), _NO_HOSTS)
        self._page_numbers = count(1)
        self._starting = asyncio.Lock()
        self._started = False
        self._disconnected = asyncio.Event()

    async def render(self, visit: PageVisit, user_agent: str) -> str:
        """Return the page's HTML once it has settled.

        Raises BrowserMemoryError, playwright's Error, and what the visit raises.
        """
        name = f"page-{next(self._page_numbers)}"
        request = Request(
            visit.url,
            meta={
                "playwright": True,
                "playwright_context": name,
                "playwright_context_kwargs": {
                    "user_agent": user_agent,
                    "viewport": _VIEWPORT,
                    "service_workers": "block",
                    "accept_downloads": False,
                },
                "playwright_page_init_callback": visit.start,
                "playwright_page_goto_kwargs": {"wait_until": "commit", "timeout": 0},
                "playwright_page_methods": [PageMethod(visit.finish)],
            },
        )
        try:
            async with self._memory.watched():
                response = await self._handler.download_request(request)
        except (Error, BrowserMemoryError):
            await self._wait_if_crashed()
            raise
        finally:
            await self._close_context(name)
        assert isinstance(response, TextResponse)
        return response.text

    async def close(self) -> None:
        """Close Chromium, and the playwright process that drives it."""
        if self._started:
            with contextlib.suppress(Error, TimeoutError):
                await asyncio.wait_for(self._handler.close(), _CLOSE_SECONDS)

    async def ensure_running(self) -> None:
        """Start Chromium if it is not running. Call it before each page. Raises NoBrowserError."""
        async with self._starting:
            handler: Any = self._handler
            if not self._started:
                handler.browser_provider = handler.browser_provider_cls(handler.config)
                await handler.browser_provider.start()  # scrapy-playwright would start it with every crawl
                self._started = True
            browser = getattr(handler, "browser", None)
            if browser is not None and browser.is_connected():
                return
            if browser is not None:
                logger.warning("Chromium ended unexpectedly; restarting it")
                del handler.browser
            downloaded = handler.browser_provider.browser_type.executable_path
            executable = find_chromium(self._configured, downloaded)
            if executable is None:
                raise NoBrowserError("no Chromium is installed")
            handler.config.launch_options = {
                "executable_path": executable,
                "args": self._flags,
                "chromium_sandbox": os.geteuid() != 0,  # Chromium cannot set up its sandbox for root
                "timeout": _START_SECONDS * 1000,
                "handle_sigint": False,  # the end of the run closes it
                "handle_sigterm": False,
                "handle_sighup": False,
            }
            try:
                handler.browser = await handler.browser_provider.launch_browser()
            except Error as error:
                raise NoBrowserError(f"{executable} does not start: {_reason(error)}") from None
            handler.stats.inc_value("playwright/browser_count")
            self._disconnected = asyncio.Event()
            handler.browser.on("disconnected", partial(self._on_disconnected, self._disconnected))

    def _on_disconnected(self, disconnected: asyncio.Event, _browser: object) -> None:
        self._handler.context_wrappers.clear()  # the contexts ended with their browser
        disconnected.set()

    async def _wait_if_crashed(self) -> None:
        """Wait for the disconnect if the browser crashed, so that the next page gets a new one."""
        browser: Any = self._handler.browser
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await (await browser.new_context()).close()
        except (Error, TimeoutError):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._disconnected.wait(), _CLOSE_SECONDS)

    async def _close_context(self, name: str) -> None:
        wrapper = self._handler.context_wrappers.get(name)
        if wrapper is not None:
            with contextlib.suppress(Error, TimeoutError):
                await asyncio.wait_for(wrapper.context.close(), _CLOSE_SECONDS)


def _reason(error: Error) -> str:
    """Return the line of playwright's error that says what is wrong: Chromium's own message, if there is one."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    messages = [_LOG_PREFIX.sub("", line) for line in lines if "FATAL" in line or "ERROR" in line]
    return (messages or lines or ["no reason given"])[0][:300].rstrip(".")
