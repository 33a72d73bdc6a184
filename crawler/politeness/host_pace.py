"""Decide when the next request to a host may start: after its delay, and after any pause that it requested."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING

from scrapy.settings import SETTINGS_PRIORITIES
from scrapy.utils.httpobj import urlparse_cached

from crawler.requests.request_info import info_of
from crawler.requests.request_rejected import RequestRejected

if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from cleaners.rejection import Rejection

# Seconds after which an idle host's pace is dropped. Short: a crawl may meet a hundred new hosts in each second.
IDLE = 10.0


@dataclass(slots=True)
class HostPace:
    """The pace of one host during a run. Delays are in seconds, times are those of `time.monotonic`."""

    delay: float  # ours: of DOWNLOAD_DELAY, or of the profile
    jitter: float = 0.0  # largest share of the delay that is added at random
    crawl_delay: float = 0.0  # of robots.txt; nothing overrides it
    ended: float = -inf  # when the last response was complete
    paused_until: float = -inf
    failures: int = 0  # in a row, such as 429, 503 or a timeout
    closed: Rejection | None = None  # why this run requests nothing more of the host
    next_jitter: float = field(default=0.0, init=False)  # drawn for the next request

    def end(self, now: float) -> None:
        """Start the delay: a response is complete."""
        self.ended = now
        self.next_jitter = random.uniform(0, self.jitter)

    def wait(self, now: float) -> float:
        """Return the seconds until the next request may start; 0 or less if it may start now."""
        due = self.ended + max(self.delay, self.crawl_delay) * (1 + self.next_jitter)
        return max(due, self.paused_until) - now

    def is_replaceable(self, now: float) -> bool:
        """Tell whether a new pace would treat the next request alike; each request sets the Crawl-delay again."""
        return self.failures == 0 and self.closed is None and self.ended > -inf and self.wait(now) < -IDLE

    def closed_error(self) -> RequestRejected:
        """Return the error of a request to a closed host."""
        assert self.closed
        return RequestRejected(self.closed.reason, self.closed.detail, self.closed.status, reached=False)


def request_host(request: Request) -> str:
    """Return the host of a request, without the dot that may end a name; paces are kept by it."""
    return (urlparse_cached(request).hostname or "").rstrip(".")


class HostPaces:
    """Keeps the pace of every host: an extension, so that all parts of the crawl share it.

    A pace outlives the downloader's slot of its host for as long as it makes a difference. DOWNLOAD_SLOTS or a profile
    may set another delay for a host; DOWNLOAD_DELAY on the command line overrides the profile.
    """

    def __init__(self, settings: BaseSettings):
        self._delay = settings.getfloat("DOWNLOAD_DELAY")
        self._jitter = settings.getfloat("DOWNLOAD_DELAY_JITTER")
        self._by_host = settings.getdict("DOWNLOAD_SLOTS")
        priority = settings.getpriority("DOWNLOAD_DELAY") or 0
        self._delay_is_final = priority >= SETTINGS_PRIORITIES["cmdline"]  # -s DOWNLOAD_DELAY overrides profiles
        self._paces: dict[str, HostPace] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings)

    def of(self, request: Request) -> HostPace:
        """Return the pace of the request's host; `RequestInfo.delay` replaces DOWNLOAD_DELAY."""
        host = request_host(request)
        if host not in self._paces:
            self._paces[host] = HostPace(self._by_host.get(host, {}).get("delay", self._delay), self._jitter)
        pace = self._paces[host]
        if (delay := info_of(request).delay) is not None and not self._delay_is_final:
            pace.delay = delay
        return pace

    def drop_idle(self, now: float, in_use: Container[str]) -> None:
        """Drop the paces that make no difference any more, but none of a host `in_use`."""
        for host, pace in list(self._paces.items()):
            if host not in in_use and pace.is_replaceable(now):
                del self._paces[host]


def paces_of(crawler: Crawler) -> HostPaces:
    """Return the paces of a crawl. Raises RuntimeError where the settings leave out the extension."""
    paces = crawler.get_extension(HostPaces)
    if paces is None:
        raise RuntimeError("EXTENSIONS_BASE lacks crawler.politeness.host_pace.HostPaces, which keeps the delays")
    return paces
