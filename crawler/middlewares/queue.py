"""Which request goes next: one to a host that is not busy with another."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from scrapy.pqueues import DownloaderAwarePriorityQueue, DownloaderInterface

if TYPE_CHECKING:
    from collections.abc import Iterable


class FreeHosts(DownloaderInterface):
    """What the queue is told of the downloader: only the hosts that have room for a request."""

    def stats(self, possible_slots: Iterable[str]) -> list[tuple[int, str]]:
        """(requests at work, host) of each host with fewer than CONCURRENT_REQUESTS_PER_DOMAIN of them.

        All within the downloader count, also those that wait for robots.txt or for the host's delay to pass.
        """
        busy = Counter(map(self.downloader.get_slot_key, self.downloader.active))
        room = self.downloader.domain_concurrency
        return [(busy[host], host) for host in possible_slots if busy[host] < room]


class FreeHostQueue(DownloaderAwarePriorityQueue):
    """Hands out requests only for hosts with room; the others wait in the scheduler, where they hold up nobody.

    Scrapy's own queue fills the downloader with requests that wait for one slow or paused host, and those of all
    others then cannot start.
    """

    def __init__(self, crawler: Any, *args: Any, **kwargs: Any):
        super().__init__(crawler, *args, **kwargs)
        self._downloader_interface = FreeHosts(crawler)
