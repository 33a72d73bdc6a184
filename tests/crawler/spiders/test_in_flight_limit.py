"""The limit on requests in flight: a place is free again, however its request ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.crawling import LOOPBACK, Answer, Answers, Hosts

ROOT = Path(__file__).resolve().parents[3]

CRAWL = """
import asyncio, json, sys
from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings
from crawler.requests.request_info import RequestInfo, as_meta
from crawler.spiders.concurrency import InFlightLimit, release_dropped

plan = json.loads(sys.argv[1])
ended, most = {}, 0

class Limited(Spider):
    name = "limited"
    limit = InFlightLimit(plan["places"])

    async def start(self):
        global most
        for url in plan["urls"]:
            async with asyncio.timeout(plan["patience"]):
                await self.limit.acquire()
            most = max(most, self.limit.in_flight)
            request = Request(
                url, callback=self.arrived, errback=self.failed, meta=as_meta(RequestInfo("article")),
                cb_kwargs={"requested": url}, dont_filter="twice" not in url,
            )
            self.limit.attach(request)
            yield request

    def arrived(self, response, requested):
        ended[requested] = response.status
        if "raises" in requested:
            raise ValueError("in the callback")
        yield from ()

    def failed(self, failure):
        rejection = getattr(failure.value, "rejection", None)
        how = rejection.reason if rejection else type(failure.value).__name__
        ended[failure.request.cb_kwargs["requested"]] = how
        if "worse" in failure.request.url:
            raise ValueError("in the errback")

def dropped(request):
    ended[request.url + "#dropped"] = True

settings = get_project_settings()
settings.setdict({"ITEM_PIPELINES": {}, "EXTENSIONS": {}, "SPIDER_MODULES": [], "LOG_LEVEL": "CRITICAL"}, "project")
settings.setdict(plan["settings"], "cmdline")
process = AsyncCrawlerProcess(settings)
crawler = process.create_crawler(Limited)
crawler.signals.connect(release_dropped, signals.request_dropped)
crawler.signals.connect(dropped, signals.request_dropped)
if plan["closes"]:
    def close():
        asyncio.ensure_future(crawler.engine.close_spider_async())
    crawler.signals.connect(close, signals.response_received)
process.crawl(crawler)
process.start()
print(json.dumps({"ended": ended, "most": most, "left": Limited.limit.in_flight, "stats": crawler.stats.get_stats()}, default=str))
"""


def crawl(hosts: Hosts, *urls: str, places: int = 1, closes: bool = False, **settings: Any) -> dict[str, Any]:
    """Fetch URLs in this order; each waits at most 20 s for a place."""
    plan = {
        "urls": [hosts.url(url) if url.startswith("/") else url for url in urls],
        "places": places,
        "patience": 20,
        "closes": closes,
        "settings": {
            "DOWNLOAD_DELAY": 0,
            "DOWNLOAD_TIMEOUT": 1,
            "RETRY_TIMES": 1,
            "WINNOW_ALLOW_PRIVATE_HOSTS": LOOPBACK,
            **settings,
        },
    }
    done = subprocess.run(
        [sys.executable, "-c", CRAWL, json.dumps(plan)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), "SCRAPY_SETTINGS_MODULE": "crawler.settings"},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


ANSWERS: Answers = {
    "/robots.txt": Answer(b"User-agent: *\nDisallow: /forbidden", headers={"Content-Type": "text/plain"}),
    "/gone": Answer(status=404),
    "/hop": Answer(b"", 302, {"Location": "/hop-again"}),
    "/hop-again": Answer(b"", 301, {"Location": "/page"}),
    "/round": Answer(b"", 302, {"Location": "/round"}),
    "/slow": Answer(seconds=1.5),
    "/hangs-up": Answer(hangs_up=True),
    "/once-busy": lambda count: Answer(status=503, headers={"Retry-After": "0"}) if count == 1 else Answer(),
    "/once-broken": lambda count: Answer(status=500 if count == 1 else 200),
    "/picture": Answer(b"\x89PNG\r\n", headers={"Content-Type": "image/png"}),
    "/refresh": Answer(b'<!doctype html><meta http-equiv="refresh" content="0; url=/page"><p>Text.'),
    "/worse": Answer(status=404),
}


def test_a_place_is_free_again_however_its_request_ends() -> None:
    ways = {
        "/page": 200,
        "/raises": 200,
        "/gone": "HttpError",
        "/worse": "HttpError",
        "/hop": 200,
        "/round": "IgnoreRequest",
        "/refresh": 200,
        "/once-broken": 200,
        "/once-busy": 200,
        "/hangs-up": None,
        "/slow": None,
        "/picture": "not_html",
        "/forbidden": "robots",
        "/twice": 200,
        "http://10.0.0.1/private": "private_address",
        "/last": 200,
    }
    with Hosts(ANSWERS) as hosts:
        result = crawl(hosts, *ways, "/twice", "/after")
        ended, twice, after = result["ended"], hosts.url("/twice"), hosts.url("/after")
        for url, expected in ways.items():
            how = ended[hosts.url(url) if url.startswith("/") else url]
            assert how == expected or (expected is None and isinstance(how, str)), (url, how)
    assert ended[f"{twice}#dropped"] is True
    assert ended[after] == 200, "each of them frees the one place"
    assert result["most"] == 1
    assert result["left"] == 0


def test_no_more_requests_are_in_flight_than_there_are_places() -> None:
    with Hosts({}) as hosts:
        result = crawl(hosts, *(f"/{number}" for number in range(20)), places=3)
    assert result["most"] == 3
    assert len(result["ended"]) == 20
    assert result["left"] == 0


def test_a_run_that_ends_does_not_wait_for_places() -> None:
    with Hosts({}) as hosts:
        result = crawl(hosts, *(f"/{number}" for number in range(20)), places=2, closes=True, ROBOTSTXT_OBEY=False)
    assert len(result["ended"]) < 20
    assert result["stats"]["finish_reason"] == "cancelled"
