"""429 and 503: the host is left alone for as long as it asks, then tried again, a few times."""

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
LONGEST_PAUSE = 300.0  # seconds; a host that asks for more is left out of this run: the next will come
FIRST_BACKOFF = 2.0  # seconds, where the host names no time; doubled each time
MAX_FAILURES = 6  # in a row; then the host is left out of this run


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for: a number or a date (RFC 9110, section 10.2.3); None if neither."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds())


def backoff_seconds(failures: int) -> float:
    """Seconds to wait after so many failures in a row, spread so that hosts behind one gateway do not come at once."""
    return min(LONGEST_PAUSE, FIRST_BACKOFF * 2.0 ** min(failures - 1, 9) * random.uniform(1.0, 1.5))


class ThrottleMiddleware:
    """Pauses the host of a 429 or 503, and only that host; takes the place of Scrapy's retry for these two.

    A host that fails time after time, or cannot be reached, is left out of the rest of the run: each of its pages
    would hold the run up for several timeouts. What a page in Chromium asks for it gets as it comes.
    """

    def __init__(self, crawler: Crawler):
        self.crawler = crawler
        self.retries = crawler.settings.getint("RETRY_TIMES")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """The response, or the request once more; raises RequestRejected `http_error` when there is no use in waiting."""
        if info_of(request).is_subrequest:
            return response
        pace = self._pace(request)
        if response.status not in THROTTLED:
            pace.failures = 0
            return response
        asked = retry_after((response.headers.get("Retry-After") or b"").decode("latin-1"), datetime.now(UTC))
        self._fail(request, RejectReason.HTTP_ERROR, f"answers {response.status}", response.status)
        if asked is not None and asked > LONGEST_PAUSE:
            why = f"answers {response.status} and asks to wait {asked:.0f} s"
            raise self._close(request, RejectReason.HTTP_ERROR, why, response.status)
        self._pause(request, backoff_seconds(pace.failures) if asked is None else asked)
        assert self.crawler.spider
        retry = get_retry_request(
            request,
            spider=self.crawler.spider,
            reason=f"throttled_{response.status}",
            max_retry_times=request.meta.get("max_retry_times", self.retries),
        )
        if retry is None:
            raise RequestRejected(
                RejectReason.HTTP_ERROR, f"still {response.status} after several tries", response.status
            )
        return retry

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Counts hosts that cannot be reached; raises RequestRejected `download_failed` when it was too often."""
        if isinstance(exception, UNREACHABLE) and not info_of(request).is_subrequest:
            self._fail(request, RejectReason.DOWNLOAD_FAILED, f"cannot be reached ({type(exception).__name__})", None)

    def _pace(self, request: Request) -> HostPace:
        return paces_of(self.crawler).of(request)

    def _fail(self, request: Request, reason: RejectReason, what: str, status: int | None) -> None:
        pace = self._pace(request)
        pace.failures += 1
        if pace.failures >= MAX_FAILURES:
            raise self._close(request, reason, f"{what}, {pace.failures} times in a row", status)

    def _pause(self, request: Request, seconds: float) -> None:
        pace = self._pace(request)
        pace.paused_until = max(pace.paused_until, monotonic() + seconds)
        logger.info("%s: no request for %.1f s", urlparse_cached(request).netloc, seconds)
        assert self.crawler.stats
        self.crawler.stats.inc_value("throttle/pauses")

    def _close(self, request: Request, reason: RejectReason, why: str, status: int | None) -> RequestRejected:
        pace, host = self._pace(request), urlparse_cached(request).netloc
        if not pace.closed:
            logger.warning("%s %s: left out of the rest of this run", host, why)
        pace.closed = Rejection(reason, f"{host} {why}", status)
        return pace.refusal()
