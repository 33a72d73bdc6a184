"""Which request goes next: one to a host that is not busy with another."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Any

from scrapy.pqueues import DownloaderAwarePriorityQueue

if TYPE_CHECKING:
    from scrapy import Request


class FreeHostQueue(DownloaderAwarePriorityQueue):
    """Hands out requests only for hosts with room; the others wait in the scheduler, where they hold up nobody.

    Scrapy's own queue fills the downloader with requests that wait for one slow or paused host, and those of all
    others then cannot start. It also looks at every host for every request, which takes ever longer the more hosts
    there are. Here they take turns: who was served last comes last, and few need be looked at until one is idle.
    """

    def __init__(self, crawler: Any, *args: Any, **kwargs: Any):
        super().__init__(crawler, *args, **kwargs)
        self._downloader = crawler.engine.downloader
        self.pqueues = OrderedDict(self.pqueues)
        self._requests = super().__len__()

    def push(self, request: Request) -> None:
        super().push(request)
        self._requests += 1

    def pop(self) -> Request | None:
        host = self._next_host()
        if host is None:
            return None
        queue = self.pqueues[host]
        request = queue.pop()
        self._requests -= 1
        self.pqueues.move_to_end(host)  # type: ignore[attr-defined]
        if not queue:
            del self.pqueues[host]
            queue.close()
        return request

    def peek(self) -> Request | None:
        host = self._next_host()
        return None if host is None else self.pqueues[host].peek()

    def close(self) -> dict[str, list[int]]:
        self._requests = 0
        return super().close()

    def __len__(self) -> int:
        return self._requests

    def _next_host(self) -> str | None:
        """Of the hosts with fewer requests at work than CONCURRENT_REQUESTS_PER_DOMAIN the one with the fewest, and of
        equals the one whose turn it is. All within the downloader count, also those that wait for robots.txt or for
        the host's delay to pass.
        """
        downloader = self._downloader
        busy = Counter(map(downloader.get_slot_key, downloader.active))
        chosen, fewest = None, downloader.domain_concurrency
        for host in self.pqueues:
            if (at_work := busy.get(host, 0)) < fewest:
                chosen, fewest = host, at_work
                if not fewest:
                    break
        return chosen
