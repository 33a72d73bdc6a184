"""When the next request to a host may start: the delay between two, and pauses that the host asked for."""

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

# Seconds beyond its delay that a host was asked for nothing, and is forgotten; a crawl may meet a hundred new ones in each.
IDLE = 10.0


@dataclass(slots=True)
class HostPace:
    """What is known of one host's pace, for a whole run. Delays in seconds, times as of `time.monotonic`."""

    delay: float  # our own: DOWNLOAD_DELAY, or the profile's
    jitter: float = 0.0  # share of the delay by which it may grow; it never shrinks
    crawl_delay: float = 0.0  # robots.txt's; nothing overrides it
    ended: float = -inf  # when the last answer was in
    paused_until: float = -inf
    failures: int = 0  # in a row: 429, 503, timeouts and the like
    closed: Rejection | None = None  # where this run asks the host no more
    stretch: float = field(default=0.0, init=False)  # the jitter drawn for the next request

    def end(self, now: float) -> None:
        """Note that an answer is in: the delay counts from here, so that the host never sees less of it."""
        self.ended = now
        self.stretch = random.uniform(0, self.jitter)

    def wait(self, now: float) -> float:
        """Return the seconds until the next request may start; 0 or less: now."""
        due = self.ended + max(self.delay, self.crawl_delay) * (1 + self.stretch)
        return max(due, self.paused_until) - now

    def is_replaceable(self, now: float) -> bool:
        """Tell whether a new pace would do as well for the next request. Crawl-delay is told again with each."""
        return self.failures == 0 and self.closed is None and self.ended > -inf and self.wait(now) < -IDLE

    def refusal(self) -> RequestRejected:
        """Return what becomes of a request to a host that is closed."""
        assert self.closed
        return RequestRejected(self.closed.reason, self.closed.detail, self.closed.status, reached=False)


def request_host(request: Request) -> str:
    """Return the host that is asked, as paces are kept by it; without the dot that may end a name."""
    return (urlparse_cached(request).hostname or "").rstrip(".")


class HostPaces:
    """Keeps the pace of every host that a run asks: an extension, so that all parts of the crawl find the same one.

    A pace outlives the downloader's slot of its host as long as it matters. DOWNLOAD_SLOTS may name another delay for a
    host, and a profile may; DOWNLOAD_DELAY from the command line goes before both profile and default.
    """

    def __init__(self, settings: BaseSettings):
        self._delay = settings.getfloat("DOWNLOAD_DELAY")
        self._jitter = settings.getfloat("DOWNLOAD_DELAY_JITTER")
        self._by_host = settings.getdict("DOWNLOAD_SLOTS")
        priority = settings.getpriority("DOWNLOAD_DELAY") or 0
        self._delay_is_final = priority >= SETTINGS_PRIORITIES["cmdline"]  # -s DOWNLOAD_DELAY: also over profiles
        self._paces: dict[str, HostPace] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings)

    def of(self, request: Request) -> HostPace:
        """Return the pace of the request's host; `RequestInfo.delay` (seconds) takes the place of DOWNLOAD_DELAY."""
        host = request_host(request)
        if host not in self._paces:
            self._paces[host] = HostPace(self._by_host.get(host, {}).get("delay", self._delay), self._jitter)
        pace = self._paces[host]
        if (delay := info_of(request).delay) is not None and not self._delay_is_final:
            pace.delay = delay
        return pace

    def drop_idle(self, now: float, in_use: Container[str]) -> None:
        """Drop the paces that a new one would replace; never those of hosts that are `in_use`."""
        for host, pace in list(self._paces.items()):
            if host not in in_use and pace.is_replaceable(now):
                del self._paces[host]


def paces_of(crawler: Crawler) -> HostPaces:
    """Return the paces of a crawl. Raises RuntimeError where the settings leave out the extension."""
    paces = crawler.get_extension(HostPaces)
    if paces is None:
        raise RuntimeError("EXTENSIONS_BASE lacks crawler.politeness.host_pace.HostPaces, which keeps the delays")
    return paces
