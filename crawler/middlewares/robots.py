"""Obey robots.txt: read it before any other URL of the host, and keep it for the run."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from scrapy import Request, signals
from scrapy.exceptions import IgnoreRequest, NotConfigured, StopDownload
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from crawler.discovery.base import BrokenReadingError
from crawler.download.paced_downloader import downloader_of
from crawler.politeness.host_cache import HostCache
from crawler.politeness.host_pace import paces_of, request_host
from crawler.politeness.robots_rules import (
    ALLOW_ALL,
    LONGEST_DELAY,
    PARSED_AT_ONCE_BYTES,
    ROBOTS_READ_BYTES,
    RobotsRules,
    read_robots,
    unreachable_rules,
    unreadable_rules,
)
from crawler.requests.request_info import ARTICLE, ROBOTS, HostFindings, RequestInfo, as_meta, info_of, set_findings
from crawler.requests.request_rejected import RequestRejected, describe_failure
from crawler.run.crawl_workers import workers_of
from crawler.run.run_options import at_work

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

MAX_REDIRECTS = 5  # RFC 9309, section 2.3.1.2: follow at least five, also to other hosts
DEFAULT_PORTS = {"http": 80, "https": 443}
_NOT_READ = unreachable_rules("was not read")


class RobotsMiddleware:
    """Rejects what robots.txt forbids (reason `robots`), and never goes below its Crawl-delay.

    Scrapy's own middleware allows everything if robots.txt cannot be fetched, and parses the page of a 5xx as rules.

    It sets the HostFindings of every request: the host's `Sitemap:` lines, and for an article its opt-out signals.
    """

    def __init__(self, crawler: Crawler):
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self.crawler = crawler
        self.cache: HostCache[tuple[str, str, int | None], RobotsRules] = HostCache(lambda rules: rules.weight)
        self.received: WeakKeyDictionary[Request, int] = (
            WeakKeyDictionary()
        )  # bytes received of each robots.txt in progress
        crawler.signals.connect(self.bytes_received, signals.bytes_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait until the host's rules are known. Raises RequestRejected `robots`, or `private_address` for the host."""
        kind = info_of(request).kind
        if kind == ROBOTS:
            return
        rules = await self.rules(request)
        set_findings(request, HostFindings(rules.sitemaps))  # replaces those of a host that redirected here
        if rules.delay and not info_of(request).is_subrequest:
            self._apply_crawl_delay(request, rules.delay)
        with at_work(self.crawler, request_host(request), f"matching robots.txt with {request.url}"):
            if why := rules.why_not(request.url):
                self._count("forbidden")
                raise RequestRejected(rules.reason, why, reached=rules.refusal is None)
            if kind == ARTICLE:
                set_findings(request, HostFindings(rules.sitemaps, rules.rights(request.url)))

    async def rules(self, request: Request) -> RobotsRules:
        """Return the rules for the request's scheme and authority; concurrent callers share one fetch.

        Without a port in the URL, a file that was found under http also counts for https, and the other way round. A
        missing or unreachable file says nothing about the other scheme.
        """
        url = urlparse_cached(request)
        port = url.port if url.port != DEFAULT_PORTS[url.scheme] else None
        host = (url.hostname or "").rstrip(".")
        key, twin = (url.scheme, host, port), ("https" if url.scheme == "http" else "http", host, port)
        if key not in self.cache and port is None and twin in self.cache:
            shared = await asyncio.shield(self.cache[twin])
            if shared.is_file:
                return shared
        robots_url = f"{url.scheme}://{url.netloc.rpartition('@')[2]}/robots.txt"
        return await self.cache.get_or_fetch(key, lambda: self._fetch(robots_url, request), _NOT_READ)

    async def _fetch(self, url: str, cause: Request) -> RobotsRules:
        info = RequestInfo(ROBOTS, delay=info_of(cause).delay, is_subrequest=info_of(cause).is_subrequest)
        meta = {**as_meta(info), "redirect_ttl": MAX_REDIRECTS, "max_retry_times": 1}
        if info.is_subrequest:
            meta |= {"dont_retry": True, "download_timeout": cause.meta["download_timeout"]}
        request = Request(url, callback=NO_CALLBACK, meta=meta, headers={"Accept": "text/plain,*/*;q=0.5"})
        self._count("fetched")
        try:
            response = await self._download(request)
        except RequestRejected as rejected:
            return unreadable_rules(rejected.rejection)
        except IgnoreRequest:  # too many redirects count as no file (section 2.3.1.2)
            return ALLOW_ALL
        except Exception as error:  # whatever failed, the host is unreachable
            logger.info("%s: %r", url, error)
            return unreachable_rules(f"cannot be reached ({describe_failure(error)})")
        try:
            return await self._parse(response)
        except BrokenReadingError as error:
            logger.warning("%s: cannot be read: %s", url, error)
            return unreachable_rules(f"cannot be read ({error})")

    async def _parse(self, response: Response) -> RobotsRules:
        if len(response.body) <= PARSED_AT_ONCE_BYTES:
            return read_robots(response.status, response.body)
        return await workers_of(self.crawler).read(read_robots, response.status, response.body)

    async def _download(self, request: Request) -> Response:
        if info_of(request).is_subrequest:  # the page may hold the host's turn while it waits for this
            return await downloader_of(self.crawler).fetch_subrequest(request)
        assert self.crawler.engine
        return await self.crawler.engine.download_async(request)

    def bytes_received(self, data: bytes, request: Request) -> None:
        """Stop downloading a robots.txt after the part that is parsed."""
        if info_of(request).kind != ROBOTS:
            return
        self.received[request] = self.received.get(request, 0) + len(data)
        if self.received[request] > ROBOTS_READ_BYTES:
            raise StopDownload(fail=False)

    def _apply_crawl_delay(self, request: Request, delay: float) -> None:
        pace, capped = paces_of(self.crawler).of(request), min(delay, LONGEST_DELAY)
        if capped < delay and pace.crawl_delay < capped:
            logger.warning(
                "%s: Crawl-delay of %g s in robots.txt, limited to %g s", request_host(request), delay, capped
            )
        pace.crawl_delay = max(pace.crawl_delay, capped)

    def _count(self, what: str) -> None:
        assert self.crawler.stats
        self.crawler.stats.inc_value(f"robots/{what}")
