"""Cleaners that are slower than the network slow the downloads down, so that pages do not pile up in memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.clean_pages import story

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

ROOT = Path(__file__).resolve().parents[3]
PAGES, SIZE, AT_ONCE, FITTING = 60, 100_000, 4, 5

CRAWL = """
import asyncio, json, sys
from scrapy import Spider, Request
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings
from cleaners import Document
from cleaners.page import Page
from crawler.items import FetchedPage
from crawler.pipelines.clean_page import CleanPipeline

class SlowCleaner:
    held = most = done = 0
    one = asyncio.Semaphore(1)
    async def clean(self, page, rules):
        SlowCleaner.held += 1
        SlowCleaner.most = max(self.most, self.held)
        async with self.one:
            await asyncio.sleep(0.02)
        SlowCleaner.held -= 1
        SlowCleaner.done += 1
        return Document("")
    async def close(self):
        pass

class SlowPipeline(CleanPipeline):
    @classmethod
    def from_crawler(cls, crawler):
        return cls(SlowCleaner())

class Pages(Spider):
    name = "pages"
    async def start(self):
        for number in range(int(sys.argv[2])):
            yield Request(f"{sys.argv[1]}/{number}")
    def parse(self, response):
        yield FetchedPage(Page(response.url, response.body), response.url, "a.example")

settings = get_project_settings()
settings.setdict(json.loads(sys.argv[3]), "cmdline")
settings.setdict({"ITEM_PIPELINES": {SlowPipeline: 1}, "EXTENSIONS": {}}, "cmdline")
process = AsyncCrawlerProcess(settings)
process.crawl(Pages)
process.start()
print(json.dumps([SlowCleaner.most, SlowCleaner.done]))
"""


def test_slow_cleaners_hold_up_the_downloads(httpserver: HTTPServer) -> None:
    page = story("long").ljust(SIZE)
    for number in range(PAGES):
        httpserver.expect_request(f"/{number}").respond_with_data(page, content_type="text/html")
    settings = {
        "CONCURRENT_REQUESTS": AT_ONCE,
        "CONCURRENT_REQUESTS_PER_DOMAIN": AT_ONCE,
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": FITTING * SIZE,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": False,
        "WINNOW_ALLOW_PRIVATE_HOSTS": [httpserver.host],
    }
    done = subprocess.run(
        [sys.executable, "-c", CRAWL, httpserver.url_for(""), str(PAGES), json.dumps(settings)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), "SCRAPY_SETTINGS_MODULE": "crawler.settings"},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    most, cleaned = json.loads(done.stdout)
    assert cleaned == PAGES
    assert FITTING <= most <= FITTING + 1 + AT_ONCE, "pages that fit, and those already being downloaded"
