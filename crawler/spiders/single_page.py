"""Fetch one page as a crawl would: by the settings for robots.txt, redirects, proxies and limits.

Chromium builds the page where its site's profile says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess

from cleaners.rejection import Rejection, RejectReason
from crawler.items import FailedPage
from crawler.rendering.requirements import require_rendering
from crawler.requests.request_info import RequestInfo, as_meta
from crawler.sites.profile_loader import load_profiles, profile_for
from crawler.spiders.responses import rejection_of, to_page, why_not_html

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response
    from scrapy.settings import Settings
    from twisted.python.failure import Failure

    from cleaners.page import Page

# Fetching one page is not a run: it leaves no state and no line in runs.jsonl.
_RUN_EXTENSIONS = (
    "crawler.extensions.run_state.RunState",
    "crawler.extensions.site_monitor.SiteMonitor",
    "crawler.extensions.run_journal.RunJournal",
    "crawler.extensions.progress.ProgressLine",
)


def fetch_page(url: str, settings: Settings) -> Page | FailedPage:
    """Fetch one URL. Call it once per process: Twisted's reactor cannot be restarted.

    Raises ProfileError, and RenderingError where the page needs a browser that is not installed.
    """
    profile = profile_for(url, load_profiles())
    require_rendering([profile], settings["CHROMIUM"])
    settings = settings.copy()
    extensions = settings.getdict("EXTENSIONS") | dict.fromkeys(_RUN_EXTENSIONS)
    settings.setdict({"ITEM_PIPELINES": {}, "EXTENSIONS": extensions}, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(_SinglePageSpider)
    process.crawl(crawler, url=url, render=profile is not None and profile.render)
    process.start()
    spider = crawler.spider
    if isinstance(spider, _SinglePageSpider) and spider.result:
        return spider.result
    rejection = Rejection(RejectReason.DOWNLOAD_FAILED, "no answer; see the log")
    return FailedPage(url, _SinglePageSpider.name, rejection)


class _SinglePageSpider(Spider):
    name = "page"

    def __init__(self, url: str, render: bool, **kwargs: Any):
        super().__init__(**kwargs)
        self.url, self.render = url, render
        self.result: Page | FailedPage | None = None

    async def start(self) -> AsyncIterator[Request]:
        meta = as_meta(RequestInfo(render=self.render))
        yield Request(self.url, callback=self.parse_page, errback=self.page_failed, meta=meta)

    def parse_page(self, response: Response) -> None:
        rejection = why_not_html(response)
        self.result = self._failed(rejection) if rejection else to_page(response)

    def page_failed(self, failure: Failure) -> None:
        self.result = self._failed(rejection_of(failure.value))

    def _failed(self, rejection: Rejection) -> FailedPage:
        return FailedPage(self.url, self.name, rejection)
