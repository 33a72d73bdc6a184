"""Fetch or refuse what a page asks for while it is rendered, by the crawl's own rules."""

from __future__ import annotations

import logging
import tomllib
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request

from crawler.discovery.urls import on_one_of, registered_domain
from crawler.download.paced_downloader import downloader_of
from crawler.requests.request_info import RequestInfo, as_meta
from crawler.requests.request_rejected import RequestRejected, describe_failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

KINDS = ("script", "stylesheet", "xhr", "fetch")  # no pictures, fonts, media, frames, beacons
SHARED = ("script", "stylesheet")  # what the pages of an outlet have in common is fetched once a run
SHARED_BYTES = 64 * 1024 * 1024
MAX_PAGE_REQUESTS = 200  # of one page; three times what heavy front ends ask for
PAGE_BUDGET_FACTOR = 4  # all that a page asks for may have so many times DOWNLOAD_MAXSIZE
# Said anew by the crawler, or of a browser that keeps things between pages.
_OURS = {"user-agent", "cookie", "host", "connection", "content-length", "accept-encoding", "referer"}
_OF_THE_WAY = {
    "content-encoding",
    "content-length",
    "transfer-encoding",
    "connection",
    "set-cookie",
    "content-disposition",
}


@dataclass(frozen=True, slots=True)
class ResourceRequest:
    """One request of a page. `kind` is playwright's resource type."""

    url: str
    kind: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class ResourceResponse:
    """What the browser gets for it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class PageBudget:
    """What one page may still ask for: requests, and bytes."""

    bytes: int
    requests: int = MAX_PAGE_REQUESTS


def to_answer(response: Response) -> ResourceResponse:
    """A response as the browser is to see it, its body being decompressed."""
    told = response.headers.to_unicode_dict().items()
    headers = {str(name).lower(): str(value) for name, value in told if str(name).lower() not in _OF_THE_WAY}
    return ResourceResponse(response.status, headers, response.body)


class SubresourceFetcher:
    """Fetches what pages ask for. Refused are other kinds than KINDS, trackers, a POST to another site, and what the
    middlewares refuse to any request: private addresses, what robots.txt forbids, what is too large.

    A page's resources come at once, as to any browser: DOWNLOAD_DELAY lies between two pages of a host.
    """

    def __init__(self, crawler: Crawler):
        self._downloader = downloader_of(crawler)
        self._stats = crawler.stats
        self._most = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._seconds = (
            crawler.settings.getfloat("DOWNLOAD_TIMEOUT") / 3
        )  # the page's own is not to pass for one answer
        self._shared: OrderedDict[str, ResourceResponse] = OrderedDict()
        self._shared_bytes = 0

    def allowance(self) -> PageBudget:
        """For a new page."""
        return PageBudget(bytes=PAGE_BUDGET_FACTOR * self._most)

    async def get(self, wanted: ResourceRequest, page: str, allowance: PageBudget) -> ResourceResponse | None:
        """The answer for a page at the URL `page`; None where it is refused or cannot be had, which the log tells."""
        if why := self._why_not(wanted, page, allowance):
            self._count("blocked", why, wanted.url)
            return None
        if wanted.url in self._shared and wanted.kind in SHARED:
            self._shared.move_to_end(wanted.url)
            return self._shared[wanted.url]
        allowance.requests -= 1
        try:
            response = await self._downloader.fetch_subrequest(self._request(wanted, page))
        except Exception as error:  # whatever it was, a browser has no answer then
            why = error.rejection.reason if isinstance(error, RequestRejected) else "failed"
            self._count("blocked", f"{why} ({describe_failure(error)})", wanted.url)
            return None
        allowance.bytes -= len(response.body)
        if allowance.bytes < 0:
            self._count("blocked", "too much for one page", wanted.url)
            return None
        self._count("fetched", wanted.kind, wanted.url)
        answer = to_answer(response)
        if wanted.kind in SHARED and answer.status == 200 and "no-store" not in answer.headers.get("cache-control", ""):
            self._share(wanted.url, answer)
        return answer

    def _why_not(self, wanted: ResourceRequest, page: str, allowance: PageBudget) -> str | None:
        if wanted.kind not in KINDS or urlsplit(wanted.url).scheme not in ("http", "https"):
            return wanted.kind
        if is_tracker(wanted.url, page):
            return "tracker"
        if wanted.method not in ("GET", "HEAD") and not (wanted.method == "POST" and same_site(wanted.url, page)):
            return wanted.method
        return "too many for one page" if allowance.requests <= 0 else None

    def _share(self, url: str, answer: ResourceResponse) -> None:
        if url not in self._shared:
            self._shared[url] = answer
            self._shared_bytes += len(answer.body)
        while self._shared_bytes > SHARED_BYTES:
            self._shared_bytes -= len(self._shared.popitem(last=False)[1].body)

    def _count(self, what: str, why: str, url: str) -> None:
        logger.debug("%s: %s, %s", url[:200], what, why)
        assert self._stats
        self._stats.inc_value(f"rendering/{what}/{why.partition(' (')[0]}")

    def _request(self, wanted: ResourceRequest, page: str) -> Request:
        told = wanted.headers.items()
        headers = {name: value for name, value in told if name.lower() not in _OURS and name[:4] != "sec-"}
        headers["Referer"] = page
        info = RequestInfo(is_subrequest=True)
        meta = {**as_meta(info), "download_timeout": self._seconds, "dont_retry": True}
        return Request(wanted.url, method=wanted.method, headers=headers, body=wanted.body, meta=meta, dont_filter=True)


LIST = Path(__file__).with_name("trackers.toml")


@cache
def hosts() -> frozenset[str]:
    """All that trackers.toml names, whatever their kind."""
    return frozenset(host for kind in tomllib.loads(LIST.read_text(encoding="utf-8")).values() for host in kind)


def is_tracker(url: str, page: str) -> bool:
    """Is the URL on a tracking host, and the page that asks for it on another site?"""
    return on_one_of(urlsplit(url).hostname or "", hosts()) and not same_site(url, page)


def same_site(url: str, page: str) -> bool:
    """Do both belong to one registered domain?"""
    return registered_domain(url) == registered_domain(page)
