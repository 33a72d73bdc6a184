"""What a page asks for while it is rendered: fetched by the crawler and by the crawl's own rules, or refused."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request

from crawler.download.paced_downloader import downloader_of
from crawler.middlewares.failures import why_failed
from crawler.refusal import RequestRejected
from crawler.rendering.trackers import is_tracker, same_site
from crawler.request_info import RequestInfo, as_meta

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

KINDS = ("script", "stylesheet", "xhr", "fetch")  # no pictures, fonts, media, frames, beacons
SHARED = ("script", "stylesheet")  # what the pages of an outlet have in common is fetched once a run
SHARED_BYTES = 64 * 1024 * 1024
MOST_REQUESTS = 200  # of one page; three times what heavy front ends ask for
MOST_PAGES_WORTH = 4  # all that a page asks for may have so many times DOWNLOAD_MAXSIZE
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
class Wanted:
    """One request of a page. `kind` is playwright's resource type."""

    url: str
    kind: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser gets for it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Allowance:
    """What one page may still ask for: requests, and bytes."""

    bytes: int
    requests: int = MOST_REQUESTS


def as_answer(response: Response) -> Answer:
    """A response as the browser is to see it, its body being decompressed."""
    told = response.headers.to_unicode_dict().items()
    headers = {str(name).lower(): str(value) for name, value in told if str(name).lower() not in _OF_THE_WAY}
    return Answer(response.status, headers, response.body)


class Resources:
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
        self._shared: OrderedDict[str, Answer] = OrderedDict()
        self._shared_bytes = 0

    def allowance(self) -> Allowance:
        """For a new page."""
        return Allowance(bytes=MOST_PAGES_WORTH * self._most)

    async def get(self, wanted: Wanted, page: str, allowance: Allowance) -> Answer | None:
        """The answer for a page at the URL `page`; None where it is refused or cannot be had, which the log tells."""
        if why := self._why_not(wanted, page, allowance):
            self._count("blocked", why, wanted.url)
            return None
        if wanted.url in self._shared and wanted.kind in SHARED:
            self._shared.move_to_end(wanted.url)
            return self._shared[wanted.url]
        allowance.requests -= 1
        try:
            response = await self._downloader.fetch_within_turn(self._request(wanted, page))
        except Exception as error:  # whatever it was, a browser has no answer then
            why = error.rejection.reason if isinstance(error, RequestRejected) else "failed"
            self._count("blocked", f"{why} ({why_failed(error)})", wanted.url)
            return None
        allowance.bytes -= len(response.body)
        if allowance.bytes < 0:
            self._count("blocked", "too much for one page", wanted.url)
            return None
        self._count("fetched", wanted.kind, wanted.url)
        answer = as_answer(response)
        if wanted.kind in SHARED and answer.status == 200 and "no-store" not in answer.headers.get("cache-control", ""):
            self._share(wanted.url, answer)
        return answer

    def _why_not(self, wanted: Wanted, page: str, allowance: Allowance) -> str | None:
        if wanted.kind not in KINDS or urlsplit(wanted.url).scheme not in ("http", "https"):
            return wanted.kind
        if is_tracker(wanted.url, page):
            return "tracker"
        if wanted.method not in ("GET", "HEAD") and not (wanted.method == "POST" and same_site(wanted.url, page)):
            return wanted.method
        return "too many for one page" if allowance.requests <= 0 else None

    def _share(self, url: str, answer: Answer) -> None:
        if url not in self._shared:
            self._shared[url] = answer
            self._shared_bytes += len(answer.body)
        while self._shared_bytes > SHARED_BYTES:
            self._shared_bytes -= len(self._shared.popitem(last=False)[1].body)

    def _count(self, what: str, why: str, url: str) -> None:
        logger.debug("%s: %s, %s", url[:200], what, why)
        assert self._stats
        self._stats.inc_value(f"rendering/{what}/{why.partition(' (')[0]}")

    def _request(self, wanted: Wanted, page: str) -> Request:
        told = wanted.headers.items()
        headers = {name: value for name, value in told if name.lower() not in _OURS and name[:4] != "sec-"}
        headers["Referer"] = page
        info = RequestInfo(within_turn=True)
        meta = {**as_meta(info), "download_timeout": self._seconds, "dont_retry": True}
        return Request(wanted.url, method=wanted.method, headers=headers, body=wanted.body, meta=meta, dont_filter=True)
