"""A crawl without a reactor: Scrapy's aiohttp handler, whose answers vcrpy records and replays."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings
from vcr.stubs.aiohttp_stubs import MockClientResponse

from crawler.run.run_options import RunCrawler, RunOptions

if TYPE_CHECKING:
    from pathlib import Path

# What Scrapy reads of an answer and vcrpy's replay lacks.
MockClientResponse._peername = ("127.0.0.1", 0)
MockClientResponse._ssl_object = None

SETTINGS = {
    "TWISTED_REACTOR_ENABLED": False,
    "DOWNLOAD_HANDLERS": dict.fromkeys(  # ours needs the reactor
        ("http", "https"), "scrapy.core.downloader.handlers._aiohttp.AiohttpDownloadHandler"
    ),
    "CLEAN_WORKERS": 0,  # in this process
    "CONCURRENT_REQUESTS": 1,  # the order of a recording is then that of its replay
    "RETRY_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
    "LOG_ENABLED": False,  # a test's runner has a log of its own
}


@dataclass(frozen=True)
class Crawled:
    """What one crawl left: records and rejects as read from its files, its line in runs.jsonl, Scrapy's counts."""

    articles: list[dict[str, Any]]
    rejects: list[dict[str, Any]]
    run: dict[str, Any]
    stats: dict[str, Any]

    @property
    def records(self) -> dict[str, dict[str, Any]]:
        """The records by their canonical URL."""
        return {record["canonical_url"]: record for record in self.articles}

    @property
    def reasons(self) -> dict[str, str]:
        """Why each of the others gave none."""
        return {reject["url"]: reject["reason"] for reject in self.rejects}

    @property
    def failures(self) -> dict[str, Any]:
        """Downloads that raised, but for what we refuse. Scrapy only logs what a cassette lacks: it is among these."""
        raised = {name: count for name, count in self.stats.items() if "/exception_type_count/" in name}
        return {name: count for name, count in raised.items() if not name.endswith(".RequestRejected")}


def crawl(data_dir: Path, **arguments: str) -> Crawled:
    """Run the spider `news` with the project's own settings, pipelines and middlewares, in this process."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.setdict({**SETTINGS, "DATA_DIR": str(data_dir)}, priority="cmdline")
    runner = AsyncCrawlerRunner(settings)
    crawler = RunCrawler(runner.spider_loader.load("news"), settings, options=RunOptions(arguments))

    async def run() -> None:
        await runner.crawl(crawler, **arguments)

    asyncio.run(run())
    assert crawler.stats is not None
    return Crawled(
        articles=_lines(data_dir, "articles/*/*.jsonl"),
        rejects=_lines(data_dir, "rejects/*/*.jsonl"),
        run=_lines(data_dir, "runs.jsonl")[-1],
        stats=dict(crawler.stats.get_stats()),
    )


def _lines(folder: Path, pattern: str) -> list[dict[str, Any]]:
    return [json.loads(line) for file in sorted(folder.glob(pattern)) for line in file.read_bytes().splitlines()]
