"""One page, fetched as a crawl would fetch it: robots.txt, redirects, proxies and limits as in the settings, and in
Chromium where its outlet's profile says so.
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

# This is no run: it leaves no state behind, and no line in runs.jsonl.
_OF_A_RUN = (
    "crawler.extensions.run_state.RunState",
    "crawler.extensions.site_monitor.SiteMonitor",
    "crawler.extensions.run_journal.RunJournal",
    "crawler.extensions.progress.ProgressLine",
)


def fetch_page(url: str, settings: Settings) -> Page | FailedPage:
    """Fetch `url` in a process of its own loop. Can be called once in a process: the reactor does not start again.

    Raises ProfileError, and RenderingError where it would need a browser that cannot be had.
    """
    profile = profile_for(url, load_profiles())
    require_rendering([profile], settings["CHROMIUM"])
    settings = settings.copy()
    extensions = settings.getdict("EXTENSIONS") | dict.fromkeys(_OF_A_RUN)
    settings.setdict({"ITEM_PIPELINES": {}, "EXTENSIONS": extensions}, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(_OnePage)
    process.crawl(crawler, url=url, render=profile is not None and profile.render)
    process.start()
    spider = crawler.spider
    if isinstance(spider, _OnePage) and spider.result:
        return spider.result
    why = Rejection(RejectReason.DOWNLOAD_FAILED, "no answer; the log says more")
    return FailedPage(url, _OnePage.name, why)


class _OnePage(Spider):
    name = "page"

    def __init__(self, url: str, render: bool, **kwargs: Any):
        super().__init__(**kwargs)
        self.url, self.render = url, render
        self.result: Page | FailedPage | None = None

    async def start(self) -> AsyncIterator[Request]:
        meta = as_meta(RequestInfo(render=self.render))
        yield Request(self.url, callback=self.keep, errback=self.refuse, meta=meta)

    def keep(self, response: Response) -> None:
        why = why_not_html(response)
        self.result = self._failed(why) if why else to_page(response)

    def refuse(self, failure: Failure) -> None:
        self.result = self._failed(rejection_of(failure.value))

    def _failed(self, why: Rejection) -> FailedPage:
        return FailedPage(self.url, self.name, why)
