"""Define spiders for tests of `scrapy crawl` that yield cleaned pages and fetch nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Spider

from cleaners.accept import accept_text
from cleaners.document import Block, Document, Drop, Kind, render
from cleaners.page import Page
from cleaners.rejection import Rejection, RejectReason
from crawler.extensions.site_monitor import SiteMonitor
from crawler.items import FailedPage, FetchedPage
from crawler.pipelines.clean_page import CleanedPage
from output.duplicates.minhash import signature

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TEXT = "The council met on Tuesday and agreed on the plan. " * 8


def options(data: Path) -> list[str]:
    """Return the options of a `scrapy crawl` that runs one of these spiders and writes to `data`."""
    settings = ("SPIDER_MODULES=tests.support.command_spiders", f"DATA_DIR={data}", "WINNOW_CONTACT=a@b.example")
    return [part for setting in settings for part in ("-s", setting)]


def cleaned(
    name: str, *, host: str = "one.example", canonical: str | None = None, text: str | None = None
) -> CleanedPage:
    url = f"https://{host}/{name}"
    text = f"{TEXT}So {name} was told. " if text is None else text
    blocks = (Block(text), Block("Share this", dropped_by=Drop(Kind.SHARE, "dom:share")))
    document = Document(text, blocks, title=f"Story {name}", canonical_url=canonical, reject=accept_text(text, blocks))
    return CleanedPage(FetchedPage(Page(url, b""), url, host), document, signature(text), "One")


def failed(name: str, *, host: str = "two.example", reason: RejectReason = RejectReason.HTTP_ERROR) -> FailedPage:
    return FailedPage(f"https://{host}/{name}", host, Rejection(reason, "HTTP status 500", 500))


class Pages(Spider):
    """Yields a page for each letter of `plan`: a, u an article, d the first one again, s too short, f, o failed."""

    name = "pages"

    def __init__(self, plan: str = "", **kwargs: Any):
        super().__init__(**kwargs)
        self.plan = plan

    async def start(self) -> AsyncIterator[Any]:
        for number, letter in enumerate(self.plan):
            yield page(letter, f"{letter}{number}")


def page(letter: str, name: str) -> CleanedPage | FailedPage:
    match letter:
        case "f":
            return failed(name)
        case "o":
            return failed(name, host="one.example", reason=RejectReason.DOWNLOAD_FAILED)
        case "d":
            return cleaned(name, canonical="https://one.example/a0")
        case "s":
            return cleaned(name, text="Too little.")
        case "u":
            return cleaned(name, text=TEXT + "Ünïcode 日本語 \u2028 end")
    return cleaned(name)


class Repeating(Spider):
    """Seven articles that end with the same paragraph, which only their site's other pages show to be boilerplate."""

    name = "repeating"

    async def start(self) -> AsyncIterator[Any]:
        notice = "The harbour office answers all questions about this page between eight and ten in the morning."
        for name in "abcdefg":
            page = cleaned(name)
            blocks = (Block(f"{name.upper()}. {page.document.text}"), Block(notice))
            yield replace(page, document=replace(page.document, text=render(blocks), blocks=blocks))


class Nothing(Pages):
    name = "nothing"


class SilentSources(Pages):
    """Two sites; the sources of one do not answer."""

    name = "silent"

    async def start(self) -> AsyncIterator[Any]:
        assert self.crawler.stats
        for site, silent in (("one.example", 0), ("two.example", 2)):
            self.crawler.stats.set_value(f"winnow/site/{site}/sources", 2)
            self.crawler.stats.set_value(f"winnow/site/{site}/failed_sources", silent)
        yield cleaned("a")


class StartRaises(Spider):
    name = "start_raises"

    async def start(self) -> AsyncIterator[Any]:
        yield cleaned("a")
        raise RuntimeError("a bug")


class CannotBeMade(Spider):
    name = "cannot_be_made"

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        raise ValueError("'techcrunhc.com': no such site; did you mean techcrunch.com?")


class BreaksTheCleaners(Spider):
    name = "breaks_the_cleaners"

    async def start(self) -> AsyncIterator[Any]:
        yield FetchedPage(Page("https://one.example/broken", "<p>"), "https://one.example/broken", "one.example")  # type: ignore[arg-type]
        yield cleaned("a")


class Unwritable(Spider):
    """A good page, and some with a lone surrogate where it should have been mended."""

    name = "unwritable"

    async def start(self) -> AsyncIterator[Any]:
        lone = "\ud83d"
        good, tagged, titled, texted, told = map(cleaned, ("a", "tagged", "titled", "texted", "told"))
        yield good
        headers = {"etag": lone}
        yield replace(tagged, fetched=replace(tagged.fetched, page=replace(tagged.fetched.page, headers=headers)))
        yield replace(titled, document=replace(titled.document, title=f"Story {lone}"))
        yield replace(texted, document=replace(texted.document, text=f"{TEXT} {lone}"))
        why = Rejection(RejectReason.TOO_SHORT, f"told {lone}")
        yield replace(told, document=replace(told.document, reject=why))


class OddItem(Spider):
    """An item that the pipeline cannot process, because of a bug."""

    name = "odd_item"

    async def start(self) -> AsyncIterator[Any]:
        yield FailedPage("https://one.example/x", "one.example", None)  # type: ignore[arg-type]


class MonitorRaises(Spider):
    """An article, and a monitor that cannot judge the run, because of a bug."""

    name = "monitor_raises"

    async def start(self) -> AsyncIterator[Any]:
        watch = self.crawler.get_extension(SiteMonitor)
        assert watch
        watch._observations = lambda _now: 1 / 0  # type: ignore[assignment, method-assign, return-value]
        yield cleaned("a")


class Undated(Pages):
    """Ten articles without dates of a site whose sources answer."""

    name = "undated"

    async def start(self) -> AsyncIterator[Any]:
        assert self.crawler.stats
        self.crawler.stats.set_value("winnow/site/one.example/sources", 1)
        for number in range(10):
            yield cleaned(f"a{number}")


class Endless(Spider):
    """An article at once, then one every tenth of a second; `here` is touched after the first one."""

    name = "endless"

    def __init__(self, here: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.here = Path(here)

    async def start(self) -> AsyncIterator[Any]:
        for number in range(600):
            yield cleaned(f"a{number}")
            await asyncio.sleep(0.1)
            self.here.touch()


class Talking(Spider):
    """Three seconds of articles; every fourth logs a warning that is longer than a line of a terminal."""

    name = "talking"

    async def start(self) -> AsyncIterator[Any]:
        for number in range(24):
            yield cleaned(f"a{number}")
            if number % 4 == 3:
                self.logger.warning("[red]warning %d[/red] %s", number, "about https://one.example/" + "x" * 150)
            await asyncio.sleep(0.125)
