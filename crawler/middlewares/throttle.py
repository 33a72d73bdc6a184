"""Pause a host that responds with 429 or 503 for as long as it requests, then retry a few times."""

from __future__ import annotations

import logging
import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.utils.httpobj import urlparse_cached

from cleaners.rejection import Rejection, RejectReason
from crawler.politeness.host_pace import HostPace, paces_of
from crawler.requests.request_info import info_of
from crawler.requests.request_rejected import RequestRejected
from crawler.requests.response_headers import header_text

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

THROTTLED = {429, 503}  # RFC 6585, section 4; RFC 9110, section 15.6.4
UNREACHABLE = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
LONGEST_PAUSE = 300.0  # seconds; a host that requests more is left to the next run
FIRST_BACKOFF = 2.0  # seconds, if the host names no time; doubled with each failure
_LONGEST_DATE = 64  # characters
MAX_FAILURES = 6  # in a row; then the host is left to the next run


def retry_after(value: str, now: datetime) -> float | None:
    """Parse a Retry-After header, a number or a date (RFC 9110, section 10.2.3), to seconds; None if it is neither."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value.lstrip("0")[:9] or 0)
    if len(value) > _LONGEST_DATE:
        return None
    try:
        date = parsedate_to_datetime(value)
        return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds())
    except (ValueError, OverflowError):  # no date, or a year of many digits
        return None


def backoff_seconds(failures: int) -> float:
    """Return the seconds to wait after failures in a row; jitter keeps hosts behind one gateway apart."""
    return min(LONGEST_PAUSE, FIRST_BACKOFF * 2.0 ** min(failures - 1, 9) * random.uniform(1.0, 1.5))


class ThrottleMiddleware:
    """Pauses the host of a 429 or 503, and no other; replaces Scrapy's retry for these two.

    A host that fails or is unreachable many times in a row is left out of the rest of the run, because each of its
    pages would hold up the run for several timeouts. A rendered page's own requests are neither paused nor retried.
    """

    def __init__(self, crawler: Crawler):
        self.crawler = crawler
        self.retries = crawler.settings.getint("RETRY_TIMES")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the response, or the request for a retry. Raises RequestRejected `http_error` if waiting is pointless."""
        if info_of(request).is_subrequest:
            return response
        pace = self._pace(request)
        if response.status not in THROTTLED:
            pace.failures = 0
            return response
        requested_wait = retry_after(header_text(response, "Retry-After") or "", datetime.now(UTC))
        self._count_failure(request, RejectReason.HTTP_ERROR, f"answers {response.status}", response.status)
        if requested_wait is not None and requested_wait > LONGEST_PAUSE:
            why = f"answers {response.status} and asks to wait {requested_wait:.0f} s"
            raise self._close_host(request, RejectReason.HTTP_ERROR, why, response.status)
        self._pause(request, backoff_seconds(pace.failures) if requested_wait is None else requested_wait)
        assert self.crawler.spider
        retry = get_retry_request(
            request,
            spider=self.crawler.spider,
            reason=f"throttled_{response.status}",
            max_retry_times=request.meta.get("max_retry_times", self.retries),
        )
        if retry is None:
            detail = f"still {response.status} after several tries"
            raise RequestRejected(RejectReason.HTTP_ERROR, detail, response.status)
        return retry

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count the failure of an unreachable host. Raises RequestRejected `download_failed` after too many in a row."""
        if isinstance(exception, UNREACHABLE) and not info_of(request).is_subrequest:
            what = f"cannot be reached ({type(exception).__name__})"
            self._count_failure(request, RejectReason.DOWNLOAD_FAILED, what, None)

    def _pace(self, request: Request) -> HostPace:
        return paces_of(self.crawler).of(request)

    def _count_failure(self, request: Request, reason: RejectReason, what: str, status: int | None) -> None:
        pace = self._pace(request)
        pace.failures += 1
        if pace.failures >= MAX_FAILURES:
            raise self._close_host(request, reason, f"{what}, {pace.failures} times in a row", status)

    def _pause(self, request: Request, seconds: float) -> None:
        pace = self._pace(request)
        pace.paused_until = max(pace.paused_until, monotonic() + seconds)
        logger.info("%s: paused for %.1f s", urlparse_cached(request).netloc, seconds)
        assert self.crawler.stats
        self.crawler.stats.inc_value("throttle/pauses")

    def _close_host(self, request: Request, reason: RejectReason, why: str, status: int | None) -> RequestRejected:
        pace, host = self._pace(request), urlparse_cached(request).netloc
        if not pace.closed:
            logger.warning("%s %s: left out of the rest of this run", host, why)
        pace.closed = Rejection(reason, f"{host} {why}", status)
        return pace.closed_error()
