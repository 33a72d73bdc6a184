"""Run the spider `news` in a child process, with the project's settings and without pipelines.

`run` returns what it yielded and counted. As a script, this file is the child.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = [f"127.0.0.{n}" for n in range(1, 10)]


@dataclass(frozen=True)
class CrawlResult:
    """The result of a crawl: pages and failures by requested URL, counts by site, the log."""

    pages: dict[str, dict[str, Any]]
    failed: dict[str, dict[str, Any]]
    sites: dict[str, dict[str, int]]
    log: str


def run(stdin: str = "", settings: dict[str, Any] | None = None, **arguments: str) -> CrawlResult:
    """Crawl with `-a NAME=VALUE` for each of the arguments."""
    plan = {"arguments": arguments, "settings": {"WINNOW_ALLOW_PRIVATE_HOSTS": LOOPBACK, **(settings or {})}}
    environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.news_crawl", json.dumps(plan)],
        input=stdin, capture_output=True, text=True, timeout=100, check=False, cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT), "SCRAPY_SETTINGS_MODULE": "crawler.settings"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return CrawlResult(**json.loads(done.stdout), log=done.stderr)


def main(plan: dict[str, Any]) -> None:
    from scrapy import signals
    from scrapy.crawler import CrawlerProcess
    from scrapy.utils.project import get_project_settings

    from crawler.items import FailedPage, FetchedPage

    settings = get_project_settings()
    settings.setdict({"ITEM_PIPELINES": {}, "EXTENSIONS": {}, "DOWNLOAD_DELAY": 0, "RETRY_ENABLED": False}, "cmdline")
    settings.setdict(plan["settings"], "cmdline")
    pages: dict[str, Any] = {}
    failed: dict[str, Any] = {}

    def keep(item: Any) -> None:
        if isinstance(item, FetchedPage):
            page = item.page
            assert item.requested_url not in pages
            pages[item.requested_url] = {
                "url": page.url, "html": page.html.decode(), "more": [more.decode() for more in page.more],
                "headers": dict(page.headers), "feed_html": page.feed_html, "site": item.site, "status": item.status,
                "title": item.hint_title, "published": item.hint_published, "zone": str(page.fetched_at and page.fetched_at.tzinfo),
            }  # fmt: skip
        elif isinstance(item, FailedPage):
            why = item.rejection
            failed[item.url] = {"reason": why.reason, "detail": why.detail, "status": why.status, "site": item.site}

    process = CrawlerProcess(settings, install_root_handler=True)
    crawler = process.create_crawler("news")
    crawler.signals.connect(keep, signals.item_scraped, weak=False)
    process.crawl(crawler, **plan["arguments"])
    process.start()
    sites: dict[str, dict[str, int]] = {}
    assert crawler.stats
    for key, value in crawler.stats.get_stats().items():
        if key.startswith("winnow/site/"):
            _, _, site, name = key.split("/")
            sites.setdefault(site, {})[name] = value
    print(json.dumps({"pages": pages, "failed": failed, "sites": sites}))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
