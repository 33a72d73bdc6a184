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

_HOST = "winnow/host/"


class HostTimer:
    """Counts answers and the seconds until they began, in Scrapy's stats under `winnow/host/<host>/`."""

    def __init__(self, stats: StatsCollector):
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        timer = cls(crawler.stats)
        crawler.signals.connect(timer.answered, signal=signals.response_downloaded)
        return timer

    def answered(self, response: Response, request: Request) -> None:  # noqa: ARG002
        seconds, host = request.meta.get("download_latency"), urlparse_cached(request).hostname
        if seconds is not None and host:
            self._stats.inc_value(f"{_HOST}{host}/answers")
            self._stats.inc_value(f"{_HOST}{host}/seconds", seconds)
            self._stats.max_value(f"{_HOST}{host}/slowest", seconds)


def host_times(stats: Mapping[str, Any]) -> dict[str, HostTimes]:
    """What was counted of each host, by host."""
    found: dict[str, dict[str, float]] = {}
    for key, value in stats.items():
        if key.startswith(_HOST):
            host, _, name = key.removeprefix(_HOST).rpartition("/")
            found.setdefault(host, {})[name] = value
    return {
        host: HostTimes(int(times["answers"]), round(times["seconds"], 2), round(times["slowest"], 2))
        for host, times in sorted(found.items())
    }
