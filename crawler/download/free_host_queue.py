"""Choose the next request: one whose host is free."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Any

from scrapy.pqueues import DownloaderAwarePriorityQueue

if TYPE_CHECKING:
    from scrapy import Request


class FreeHostQueue(DownloaderAwarePriorityQueue):
    """A scheduler queue that returns requests to free hosts only. Others wait here, where they hold up nobody.

    Scrapy's queue fills the downloader with requests that wait for one slow or paused host, so that requests to other
    hosts cannot start. It also examines every host for every request, which gets slower with each host. Here hosts
    take turns: the host served last goes to the end, and the search stops at the first idle host.
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
        """Return the host with the fewest active requests, of equals the one whose turn it is; None if all are busy.

        A host is busy with CONCURRENT_REQUESTS_PER_DOMAIN active requests. Every request in the downloader is active,
        even if it waits for robots.txt or for the host's delay.
        """
        downloader = self._downloader
        active = Counter(map(downloader.get_slot_key, downloader.active))
        chosen, fewest = None, downloader.domain_concurrency
        for host in self.pqueues:
            if (count := active.get(host, 0)) < fewest:
                chosen, fewest = host, count
                if not fewest:
                    break
        return chosen
