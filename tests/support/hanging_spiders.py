"""Define spiders for tests of a run's end: the event loop hangs in one site's work, or pages and threads never get done."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Spider
from scrapy.exceptions import DropItem

from crawler import settings
from crawler.extensions.run_ending import RunEnding, end_run
from crawler.run.run_options import at_work
from tests.support import command_spiders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from scrapy.crawler import Crawler


def options(data: Path, **more: object) -> list[str]:
    """Return the options of a `scrapy crawl` that runs one of these spiders, or one of command_spiders."""
    given = {"SPIDER_MODULES": "tests.support.hanging_spiders,tests.support.command_spiders", "DATA_DIR": data,
             "WINNOW_CONTACT": "a@b.example", **more}  # fmt: skip
    return [part for name, value in given.items() for part in ("-s", f"{name}={value}")]


WORK: dict[str, Callable[[], object]] = {
    "expression": lambda: re.match(r"(a+)+$", "a" * 60 + "b"),
    "digest": lambda: hashlib.pbkdf2_hmac("sha256", b"", b"", 2_000_000_000),  # in C, without a look at signals
    "sleep": lambda: time.sleep(600),
    "short": lambda: time.sleep(4),
}


class Hanging(Spider):
    """Two articles, then work of one.example that holds the event loop; `here` is touched as it begins."""

    name = "hanging"

    def __init__(self, work: str, here: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.work, self.here = WORK[work], Path(here)

    async def start(self) -> AsyncIterator[Any]:
        yield command_spiders.cleaned("a0")
        yield command_spiders.cleaned("a1")
        await asyncio.sleep(0.5)
        with at_work(self.crawler, "one.example", "reading https://one.example/feed"):
            self.here.touch()
            self.work()


class LeavesAThread(Spider):
    """An article, while a thread of the pool waits for an answer that takes minutes, as a name server's may."""

    name = "leaves_a_thread"

    async def start(self) -> AsyncIterator[Any]:
        from twisted.internet import reactor

        reactor.callInThread(time.sleep, 600)
        yield command_spiders.cleaned("a")


# ---


class EndedError(Exception):
    """Fail a call that the run does not wait for."""


class HeldCalls:
    """Hold calls as a pool of one worker does: the first is at work, the others wait."""

    def __init__(self) -> None:
        self.at_work: list[asyncio.Future[None]] = []
        self.waiting: list[asyncio.Future[None]] = []

    async def run(self, seconds: float) -> None:
        call: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.at_work:
            self.waiting.append(call)
        else:
            self.at_work.append(call)
            asyncio.get_running_loop().call_later(seconds, _finish, call)
        await call
        self.at_work.remove(call)

    def drop_waiting(self) -> None:
        self._fail(self.waiting)

    def give_up(self) -> None:
        self._fail(self.at_work)

    def _fail(self, calls: list[asyncio.Future[None]]) -> None:
        for call in calls:
            if not call.done():
                call.set_exception(EndedError())


def _finish(call: asyncio.Future[None]) -> None:
    if not call.done():
        call.set_result(None)


CALLS = HeldCalls()


class HeldRunEnding(RunEnding):
    def __init__(self, crawler: Crawler, budget: float, patience: float):
        super().__init__(crawler, budget, patience, CALLS)


@dataclass(frozen=True)
class SlowPage:
    name: str
    seconds: float


class SlowPipeline:
    """Turn slow pages into cleaned ones."""

    async def process_item(self, item: Any) -> Any:
        if not isinstance(item, SlowPage):
            return item
        try:
            await CALLS.run(item.seconds)
        except EndedError:
            raise DropItem("left for the next run") from None
        return command_spiders.cleaned(item.name)


class SlowPages(Spider):
    """Pages that take `seconds` each, one at a time; with `reason` the run then ends for it."""

    name = "slow_pages"
    custom_settings = {  # noqa: RUF012  # as Scrapy declares it
        "EXTENSIONS": {
            name if name != "crawler.extensions.run_ending.RunEnding" else HeldRunEnding: order
            for name, order in settings.EXTENSIONS.items()
        },
        "ITEM_PIPELINES": {SlowPipeline: 10, **settings.ITEM_PIPELINES},
    }

    def __init__(self, seconds: str, reason: str = "", **kwargs: Any):
        super().__init__(**kwargs)
        self.seconds, self.reason = float(seconds), reason

    async def start(self) -> AsyncIterator[Any]:
        yield command_spiders.cleaned("a")
        for number in range(40):
            yield SlowPage(f"s{number}", self.seconds)
        if self.reason:
            end_run(self.crawler, self.reason)
