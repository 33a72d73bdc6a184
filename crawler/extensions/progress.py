"""Show the progress of a long crawl: one live line on a terminal, and nothing elsewhere."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Self, TextIO

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.log import get_scrapy_root_handler

from cleaners.rejection import RejectReason
from crawler.run.run_stats import ARTICLES_KEY, REJECTS_KEY

if TYPE_CHECKING:
    from rich.live import Live
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from scrapy.utils.asyncio import AsyncioLoopingCall
    from twisted.internet.task import LoopingCall

_INTERVAL = 0.5  # seconds


class ProgressLine:
    """Draw the line twice a second while the spider is open, and remove it at the end.

    PROGRESS=False turns it off. rich is imported when the line is first drawn.
    """

    def __init__(self, crawler: Crawler):
        self._crawler = crawler
        self._begun = monotonic()
        self._loop: AsyncioLoopingCall | LoopingCall | None = None
        self._live: Live | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not wants_progress(crawler.settings):
            raise NotConfigured
        progress = cls(crawler)
        crawler.signals.connect(progress.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(progress.spider_closed, signal=signals.spider_closed)
        return progress

    def spider_opened(self) -> None:
        self._begun = monotonic()
        self._loop = create_looping_call(self._draw)
        self._loop.start(_INTERVAL, now=False)

    def spider_closed(self) -> None:
        if self._loop and self._loop.running:
            self._loop.stop()
        if self._live:
            with suppress(OSError):  # the terminal has gone
                _remove(self._live)

    def _draw(self) -> None:
        try:
            self._live = self._live or _start()
            _update(self._live, self._line())
        except OSError:  # the terminal has gone, and the crawl goes on without it
            assert self._loop
            self._loop.stop()

    def _line(self) -> str:
        assert self._crawler.engine
        assert self._crawler.stats
        count = self._crawler.stats.get_value
        downloader = self._crawler.engine.downloader
        seconds = int(monotonic() - self._begun)
        rejects = sum(count(f"{REJECTS_KEY}/{reason}", 0) for reason in RejectReason)
        at_work = len(set(map(downloader.get_slot_key, downloader.active)))
        waiting = count("scheduler/enqueued", 0) - count("scheduler/dequeued", 0)
        return (
            f"{seconds // 60}:{seconds % 60:02}  articles {count(ARTICLES_KEY, 0)}, rejects {rejects}, "
            f"hosts at work {at_work}, waiting {waiting}"
        )


def wants_progress(settings: BaseSettings) -> bool:
    """Return whether someone looks on at a terminal that neither log lines nor records fill."""
    if not settings.getbool("PROGRESS") or not sys.stderr.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        return False
    handler = _terminal_handler()
    if handler and handler.level < logging.WARNING:
        return False
    return not (sys.stdout.isatty() and any(str(uri).startswith("stdout:") for uri in settings.getdict("FEEDS")))


def _terminal_handler() -> logging.StreamHandler[TextIO] | None:
    """Return Scrapy's log handler, if it writes to stderr."""
    handler = get_scrapy_root_handler()
    is_file = isinstance(handler, logging.FileHandler)
    return handler if isinstance(handler, logging.StreamHandler) and not is_file else None


def _start() -> Live:
    """Begin a live line on stderr; what is logged or printed there meanwhile goes above it."""
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False)
    live.start()
    console.show_cursor()  # which rich hides; a second Ctrl-C ends the process at once, and nobody would bring it back
    if handler := _terminal_handler():
        handler.setStream(sys.stderr)  # rich's, by now
    return live


def _update(live: Live, line: str) -> None:
    from rich.text import Text

    live.update(Text(line, no_wrap=True, overflow="ellipsis"), refresh=True)


def _remove(live: Live) -> None:
    try:
        live.stop()
    finally:
        if handler := _terminal_handler():
            handler.setStream(sys.stderr)  # the terminal itself, again
