"""The spiders that Winnow is held against, as a newcomer to Scrapy writes them.

    python spiders.py bare|naive URLS OUT [NAME=VALUE ...]

`bare` keeps nothing but a page's URL and size; `naive` cleans in its callback, with trafilatura and langdetect.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response


class BareSpider(Spider):
    """Fetches a list of URLs."""

    name = "bare"

    def __init__(self, urls: str, **kwargs: Any):
        super().__init__(**kwargs)
        self._urls = Path(urls).read_text(encoding="utf-8").split()

    async def start(self) -> AsyncIterator[Request]:
        for url in self._urls:
            yield Request(url)

    def parse(self, response: Response) -> Iterator[dict[str, Any]]:
        yield {"url": response.url, "bytes": len(response.body)}


class NaiveSpider(BareSpider):
    """Cleans each page where it arrives."""

    name = "naive"

    def parse(self, response: Response) -> Iterator[dict[str, Any]]:
        import langdetect
        import trafilatura

        document: Any = trafilatura.bare_extraction(response.body, url=response.url, with_metadata=True)
        if document is None or not document.text:
            return
        yield {
            "url": response.url,
            "title": document.title,
            "author": document.author,
            "date": document.date,
            "text": document.text,
            "language": langdetect.detect(document.text),
        }


def main() -> None:
    kind, urls, out, *settings = sys.argv[1:]
    process = CrawlerProcess(
        {
            "FEEDS": {out: {"format": "jsonlines", "overwrite": True}},
            "LOG_LEVEL": "CRITICAL",
            "TELNETCONSOLE_ENABLED": False,
            "ROBOTSTXT_OBEY": True,  # as in the project that `scrapy startproject` makes
            **dict(setting.split("=", 1) for setting in settings),
        }
    )
    process.crawl({"bare": BareSpider, "naive": NaiveSpider}[kind], urls=urls)
    process.start()


if __name__ == "__main__":
    main()
