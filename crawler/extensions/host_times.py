"""How long each host takes to answer: counted while a run goes on, told in its line of runs.jsonl."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector
from scrapy.utils.httpobj import urlparse_cached

from output.runs import HostTimes

_HOSTS = "winnow/hosts"


class HostTimer:
    """Counts answers and the seconds until they began, by host: one value of Scrapy's stats, as hosts may be thousands."""

    def __init__(self, stats: StatsCollector):
        self._times: dict[str, HostTimes] = {}
        stats.set_value(_HOSTS, self._times)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        timer = cls(crawler.stats)
        crawler.signals.connect(timer.answered, signal=signals.response_downloaded)
        return timer

    def answered(self, response: Response, request: Request) -> None:  # noqa: ARG002
        seconds, host = request.meta.get("download_latency"), urlparse_cached(request).hostname
        if seconds is not None and host:
            so_far = self._times.get(host, HostTimes(0, 0.0, 0.0))
            self._times[host] = HostTimes(so_far.answers + 1, so_far.seconds + seconds, max(so_far.slowest, seconds))


def host_times(stats: Mapping[str, Any]) -> dict[str, HostTimes]:
    """What was counted of each host, by host."""
    found: Mapping[str, HostTimes] = stats.get(_HOSTS, {})
    return {
        host: HostTimes(times.answers, round(times.seconds, 2), round(times.slowest, 2))
        for host, times in sorted(found.items())
    }
