"""robots.txt obeyed: read before anything else is asked of the host, and once a run if it is not met after thousands."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from scrapy import Request, signals
from scrapy.exceptions import IgnoreRequest, NotConfigured, StopDownload
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from crawler.middlewares.failures import why_failed
from crawler.middlewares.last_known import LastKnown
from crawler.middlewares.robots_rules import (
    ALLOW_ALL,
    LONGEST_DELAY,
    READ_BYTES,
    RobotsRules,
    read_rules,
    unreachable,
    unreadable,
)
from crawler.refusal import RequestRejected

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Self

    from scrapy.crawler import Crawler

    from crawler.middlewares.pace import PacedDownloader

    Fetch = Callable[[str, Request], Awaitable[RobotsRules]]

logger = logging.getLogger(__name__)

REDIRECTS = 5  # RFC 9309, section 2.3.1.2: at least so many are followed, also to other hosts
DEFAULT_PORTS = {"http": 80, "https": 443}


class RobotsMiddleware:
    """Refuses what robots.txt forbids (reason `robots`), and takes its Crawl-delay as the host's least delay.

    Scrapy's own middleware allows all where robots.txt cannot be had, and reads the page of a 5xx as rules.

    Every request gets the host's `Sitemap:` lines as `request.meta["winnow_robots_sitemaps"]: tuple[str, ...]`, and one
    for an article what the file says of its use as `request.meta["winnow_robots_rights"]`, in the form of a record's.
    """

    def __init__(self, crawler: Crawler):
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self.crawler = crawler
        self.known: LastKnown[tuple[str, str, int | None], RobotsRules] = LastKnown()
        self.received: WeakKeyDictionary[Request, int] = WeakKeyDictionary()  # bytes of a robots.txt under way
        crawler.signals.connect(self.bytes_received, signals.bytes_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Waits until the host's rules are known; raises RequestRejected `robots`, or `private_address` for the host."""
        if "winnow_robots" in request.meta:  # robots.txt itself
            return
        rules = await self.rules(request)
        request.meta["winnow_robots_sitemaps"] = rules.sitemaps
        if rules.delay:
            self._slow_down(request, rules.delay)
        if why := rules.why_not(request.url):
            self._count("forbidden")
            raise RequestRejected(rules.reason, why, reached=rules.refusal is None)
        if request.meta.get("winnow_kind") == "article":
            request.meta["winnow_robots_rights"] = rules.rights(request.url)

    async def rules(self, request: Request, fetch: Fetch | None = None) -> RobotsRules:
        """The rules of the request's scheme and authority; all who ask while they are under way share one fetch, which
        is by default one of the downloader's.

        A file that was there under http counts for https too, and the other way round, where neither names a port:
        one outlet, one file. No file, or none to be had, proves nothing of the other scheme.
        """
        url = urlparse_cached(request)
        port = url.port if url.port != DEFAULT_PORTS[url.scheme] else None
        host = (url.hostname or "").rstrip(".")
        key, twin = (url.scheme, host, port), ("https" if url.scheme == "http" else "http", host, port)
        if key not in self.known and port is None and twin in self.known:
            shared = await asyncio.shield(self.known[twin])
            if shared.parsed:
                return shared
        if key not in self.known:
            answer = self.known.begin(key)
            rules = unreachable("was not read")
            try:
                rules = await (fetch or self._fetch)(
                    f"{url.scheme}://{url.netloc.rpartition('@')[2]}/robots.txt", request
                )
            finally:  # also where the run is stopped meanwhile: nobody may be left waiting
                answer.set_result(rules)
        return await asyncio.shield(self.known[key])

    async def _fetch(self, url: str, asking: Request) -> RobotsRules:
        meta = {"winnow_robots": True, "redirect_ttl": REDIRECTS, "max_retry_times": 1}
        if "winnow_delay" in asking.meta:
            meta["winnow_delay"] = asking.meta["winnow_delay"]
        request = Request(url, callback=NO_CALLBACK, meta=meta, headers={"Accept": "text/plain,*/*;q=0.5"})
        assert self.crawler.engine
        self._count("fetched")
        try:
            response = await self.crawler.engine.download_async(request)
        except RequestRejected as refused:
            return unreadable(refused.rejection)
        except IgnoreRequest:  # too many redirects: as good as none (section 2.3.1.2)
            return ALLOW_ALL
        except Exception as error:  # whatever the network did, the host is unreachable
            logger.info("%s: %r", url, error)
            return unreachable(f"cannot be reached ({why_failed(error)})")
        return read_rules(response.status, response.body)

    def bytes_received(self, data: bytes, request: Request) -> None:
        """Stops reading a robots.txt after as much as is parsed."""
        if "winnow_robots" not in request.meta:
            return
        self.received[request] = self.received.get(request, 0) + len(data)
        if self.received[request] > READ_BYTES:
            raise StopDownload(fail=False)

    def _slow_down(self, request: Request, delay: float) -> None:
        assert self.crawler.engine
        downloader: PacedDownloader = self.crawler.engine.downloader  # type: ignore[assignment]
        pace, capped = downloader.pace(request), min(delay, LONGEST_DELAY)
        if capped < delay and pace.crawl_delay < capped:
            host = downloader.get_slot_key(request)
            logger.warning("%s: Crawl-delay of %g s in robots.txt, taken as %g s", host, delay, capped)
        pace.crawl_delay = max(pace.crawl_delay, capped)

    def _count(self, what: str) -> None:
        assert self.crawler.stats
        self.crawler.stats.inc_value(f"robots/{what}")
