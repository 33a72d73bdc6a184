"""FetchedPage → CleanedPage: the cleaners at work, off the thread that talks to the network."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from cleaners.blocks import Document
from cleaners.page import Page, SiteRules
from crawler.items import FetchedPage, RefusedPage
from crawler.profiles import ProfileError, load_profiles
from output.article import RejectReason

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CleanedPage:
    """A fetched page and what the cleaners made of it. `site_name` is what its profile calls the outlet."""

    fetched: FetchedPage
    document: Document
    site_name: str | None = None


class Cleaner(Protocol):
    """Whoever cleans pages: a thread here, a pool of processes elsewhere."""

    async def clean(self, page: Page, rules: SiteRules | None) -> Document:
        """The page's document. Raises whatever the cleaning raised."""

    def close(self) -> None:
        """Let go of threads or processes."""


class ThreadCleaner:
    """Cleans one page at a time in a thread of its own, so that downloads and their timers go on meanwhile."""

    def __init__(self, clean: Callable[..., Document] | None = None):
        self._clean = clean
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cleaner")

    async def clean(self, page: Page, rules: SiteRules | None) -> Document:
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._run, page, rules)

    def _run(self, page: Page, rules: SiteRules | None) -> Document:
        if self._clean is None:
            from cleaners import clean_page  # what it needs is slow to import: not before the first page

            self._clean = clean_page
        return self._clean(page, rules=rules)

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)


class CleanPipeline:
    """Cleans pages with the rules of their site. A page that breaks the cleaners is a reject; the run goes on."""

    def __init__(self, cleaner: Cleaner | None = None):
        self._cleaner = cleaner or ThreadCleaner()
        self._rules: dict[str, SiteRules | None] = {}

    async def process_item(self, item: Any) -> Any:
        if not isinstance(item, FetchedPage):
            return item
        rules = self._rules_of(item.site)
        try:
            document = await self._cleaner.clean(item.page, rules)
        except Exception as error:
            url = item.page.url or item.requested_url
            logger.exception("%s: the cleaners failed", url)
            detail = f"{type(error).__name__}: {error}"
            return RefusedPage(url, item.site, RejectReason.CLEANING_CRASH, detail, item.status)
        return CleanedPage(item, document, rules.name if rules else None)

    def close_spider(self) -> None:
        self._cleaner.close()

    def _rules_of(self, site: str) -> SiteRules | None:
        if site not in self._rules:
            try:
                self._rules[site] = load_profiles([site])[0].rules()
            except ProfileError:
                self._rules[site] = None  # an outlet without a profile
        return self._rules[site]
