"""Collect a host's opt-out signals from robots.txt and tdmrep.json before its articles are fetched."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from cleaners.rejection import RejectReason
from crawler.discovery.base import BrokenReadingError
from crawler.politeness.host_cache import HostCache
from crawler.politeness.tdmrep import NO_TDM_RULES, TDMREP_PATH, TDMREP_READ_BYTES, TdmRules, read_tdmrep, tdm_rights
from crawler.requests.request_info import ARTICLE, RequestInfo, as_meta, info_of, set_findings
from crawler.requests.request_rejected import RequestRejected, describe_failure
from crawler.run.crawl_workers import workers_of
from output.records.rights import merge_rights, reservations

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings


if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

_CHOICES = ("record", "skip")


class OptOutMiddleware:
    """Sets `HostFindings.rights` of a request for an article: the host's signals, in the form of a record's `rights`.

    It must run after RobotsMiddleware. With TDMREP, it fetches each host's tdmrep.json once a run, even if there is none.
    With OPT_OUT "skip", it rejects a page that the host reserves before the page is fetched (reason `opted_out`).
    """

    def __init__(self, crawler: Crawler):
        self.crawler = crawler
        self.skips = skips_opted_out(crawler.settings)
        self.reads_tdmrep = crawler.settings.getbool("TDMREP")
        self.cache: HostCache[str, TdmRules] = HostCache(lambda rules: rules.weight)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait until the host's signals are known. Raises RequestRejected `opted_out` that names them."""
        info = info_of(request)
        if info.kind != ARTICLE:
            return
        rights = merge_rights(info.findings.robots_rights)
        if self.reads_tdmrep:
            rights = merge_rights(rights, tdm_rights(await self.rules(request), request.url))
        set_findings(request, replace(info.findings, rights=rights))
        if self.skips and (reserved := reservations(rights)):
            raise RequestRejected(RejectReason.OPTED_OUT, "; ".join(reserved))

    async def rules(self, request: Request) -> TdmRules:
        """Return the rules for the request's scheme and authority; concurrent callers share one fetch."""
        url = urlparse_cached(request)
        origin = f"{url.scheme}://{url.netloc.rpartition('@')[2].lower()}"
        return await self.cache.get_or_fetch(
            origin, lambda: self._fetch(origin + TDMREP_PATH, request), failed=NO_TDM_RULES
        )

    async def _fetch(self, url: str, article: Request) -> TdmRules:
        info = RequestInfo(delay=info_of(article).delay)
        meta = {**as_meta(info), "download_maxsize": TDMREP_READ_BYTES, "max_retry_times": 1}
        request = Request(url, callback=NO_CALLBACK, meta=meta, headers={"Accept": "application/json"})
        assert self.crawler.engine
        assert self.crawler.stats
        self.crawler.stats.inc_value("tdmrep/fetched")
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # the host reserves nothing by a file that cannot be read
            logger.info("%s: %s", url, describe_failure(error))
            return NO_TDM_RULES
        try:
            return await workers_of(self.crawler).read(read_tdmrep, response.status, response.body)
        except BrokenReadingError as error:
            logger.warning("%s: cannot be read: %s", url, error)
            return NO_TDM_RULES


def skips_opted_out(settings: BaseSettings) -> bool:
    """Tell whether reserved articles are skipped. Raises ValueError, in one line, if OPT_OUT is not valid."""
    choice = str(settings.get("OPT_OUT", "record")).strip().lower()
    if choice not in _CHOICES:
        raise ValueError(f"OPT_OUT={settings['OPT_OUT']}: write {' or '.join(_CHOICES)}")
    return choice == "skip"
