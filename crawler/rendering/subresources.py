"""Fetch what a page requests while it is rendered, or refuse it, by the crawl's own rules."""

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

from crawler.discovery.urls import is_host_under, registered_domain
from crawler.download.paced_downloader import downloader_of
from crawler.requests.request_info import RequestInfo, as_meta
from crawler.requests.request_rejected import RequestRejected, describe_failure
from crawler.requests.response_headers import all_headers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

MAX_PAGE_REQUESTS = 200  # three times what heavy front ends need

_FETCHED_TYPES = ("script", "stylesheet", "xhr", "fetch")  # no pictures, fonts, media, frames, beacons
_CACHED_TYPES = ("script", "stylesheet")  # pages of a site share these, so each is fetched once a run
_CACHE_BYTES = 64 * 1024 * 1024
_PAGE_BUDGET_FACTOR = 4  # all that a page fetches may take this many times DOWNLOAD_MAXSIZE
# Request headers that the crawler sets itself, or that only a browser with a profile would send.
_CRAWLER_HEADERS = {"user-agent", "cookie", "host", "connection", "content-length", "accept-encoding", "referer"}
# Response headers that are about the transfer, or that would make the browser store something.
_DROPPED_HEADERS = {
    "content-encoding",
    "content-length",
    "transfer-encoding",
    "connection",
    "set-cookie",
    "content-disposition",
}
_TRACKERS_FILE = Path(__file__).with_name("trackers.toml")


@dataclass(frozen=True, slots=True)
class ResourceRequest:
    """A request that a page makes. `resource_type` is playwright's."""

    url: str
    resource_type: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class ResourceResponse:
    """The response that the browser gets. Names of headers are in lower case; the body is not compressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class PageBudget:
    """What one page may still fetch."""

    bytes: int
    requests: int = MAX_PAGE_REQUESTS


def to_resource_response(response: Response) -> ResourceResponse:
    """Convert a decompressed response for the browser."""
    headers = {name: value for name, value in all_headers(response).items() if name not in _DROPPED_HEADERS}
    return ResourceResponse(response.status, headers, response.body)


class SubresourceFetcher:
    """Fetches scripts, style sheets and data for pages.

    It refuses other types of resource, trackers, and a POST to another site. The middlewares refuse what they refuse to
    any request: private addresses, what robots.txt forbids, what is too large. A page's resources are fetched at once,
    as by any browser: DOWNLOAD_DELAY applies between two pages of a host.
    """

    def __init__(self, crawler: Crawler):
        self._downloader = downloader_of(crawler)
        self._stats = crawler.stats
        self._max_size = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        # A third of the page's own time, so that one slow resource does not use it up.
        self._seconds = crawler.settings.getfloat("DOWNLOAD_TIMEOUT") / 3
        self._cache: OrderedDict[str, ResourceResponse] = OrderedDict()  # least recently used first
        self._cached_bytes = 0

    def new_budget(self) -> PageBudget:
        """Return the budget of a new page."""
        return PageBudget(bytes=_PAGE_BUDGET_FACTOR * self._max_size)

    async def get(self, resource: ResourceRequest, page_url: str, budget: PageBudget) -> ResourceResponse | None:
        """Return the response to a page's request; None if it was refused or failed, which is logged and counted."""
        url = resource.url
        if why := _why_refused(resource, page_url, budget):
            self._count("blocked", why, url)
            return None
        if url in self._cache and resource.resource_type in _CACHED_TYPES:
            self._cache.move_to_end(url)
            return self._cache[url]
        budget.requests -= 1
        try:
            response = await self._downloader.fetch_subrequest(self._to_request(resource, page_url))
        except Exception as error:  # whatever failed, the browser gets no response
            why = error.rejection.reason if isinstance(error, RequestRejected) else "failed"
            self._count("blocked", f"{why} ({describe_failure(error)})", url)
            return None
        budget.bytes -= len(response.body)
        if budget.bytes < 0:
            self._count("blocked", "too much for one page", url)
            return None
        self._count("fetched", resource.resource_type, url)
        result = to_resource_response(response)
        may_store = result.status == 200 and "no-store" not in result.headers.get("cache-control", "")
        if may_store and resource.resource_type in _CACHED_TYPES:
            self._store(url, result)
        return result

    def _to_request(self, resource: ResourceRequest, page_url: str) -> Request:
        headers = {
            name: value
            for name, value in resource.headers.items()
            if name.lower() not in _CRAWLER_HEADERS and not name.startswith("sec-")
        }
        headers["Referer"] = page_url
        info = RequestInfo(is_subrequest=True)
        meta = {**as_meta(info), "download_timeout": self._seconds, "dont_retry": True}
        return Request(
            resource.url, method=resource.method, headers=headers, body=resource.body, meta=meta, dont_filter=True
        )

    def _store(self, url: str, response: ResourceResponse) -> None:
        if url not in self._cache:
            self._cache[url] = response
            self._cached_bytes += len(response.body)
        while self._cached_bytes > _CACHE_BYTES:
            self._cached_bytes -= len(self._cache.popitem(last=False)[1].body)

    def _count(self, outcome: str, detail: str, url: str) -> None:
        logger.debug("%s: %s, %s", url[:200], outcome, detail)
        assert self._stats
        self._stats.inc_value(f"rendering/{outcome}/{detail.partition(' (')[0]}")


def _why_refused(resource: ResourceRequest, page_url: str, budget: PageBudget) -> str | None:
    if resource.resource_type not in _FETCHED_TYPES or urlsplit(resource.url).scheme not in ("http", "https"):
        return resource.resource_type
    if is_tracker(resource.url, page_url):
        return "tracker"
    is_own_post = resource.method == "POST" and _same_site(resource.url, page_url)
    if resource.method not in ("GET", "HEAD") and not is_own_post:
        return resource.method
    return "too many for one page" if budget.requests <= 0 else None


@cache
def tracker_hosts() -> frozenset[str]:
    """Load the hosts of every kind in trackers.toml."""
    hosts_by_kind = tomllib.loads(_TRACKERS_FILE.read_text(encoding="utf-8"))
    return frozenset(host for hosts in hosts_by_kind.values() for host in hosts)


def is_tracker(url: str, page_url: str) -> bool:
    """Tell whether the URL is on a tracking host, and the page that requests it is on another site."""
    return is_host_under(urlsplit(url).hostname or "", tracker_hosts()) and not _same_site(url, page_url)


def _same_site(url: str, other: str) -> bool:
    return registered_domain(url) == registered_domain(other)
