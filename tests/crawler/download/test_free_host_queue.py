"""The queue skips busy hosts and serves the others in turn."""

from __future__ import annotations

from types import SimpleNamespace

from scrapy import Request
from scrapy.settings import Settings
from scrapy.squeues import FifoMemoryQueue
from scrapy.utils.httpobj import urlparse_cached

from crawler.download.free_host_queue import FreeHostQueue


class Downloader:
    """The part of a downloader that the queue uses."""

    domain_concurrency = 2

    def __init__(self) -> None:
        self.active: set[Request] = set()

    def get_slot_key(self, request: Request) -> str:
        return urlparse_cached(request).hostname or ""


def queue_of(*urls: str) -> tuple[FreeHostQueue, Downloader]:
    downloader = Downloader()
    crawler = SimpleNamespace(settings=Settings(), engine=SimpleNamespace(downloader=downloader))
    queue = FreeHostQueue(crawler, FifoMemoryQueue, "")
    for url in urls:
        queue.push(Request(url))
    return queue, downloader


def started(queue: FreeHostQueue, downloader: Downloader) -> list[str]:
    """Pop requests until every host is busy, and return their URLs."""
    urls = []
    while request := queue.pop():
        downloader.active.add(request)
        urls.append(request.url)
    return urls


def test_hosts_take_turns_and_none_exceeds_its_limit() -> None:
    queue, downloader = queue_of(
        *(f"https://a.example/{n}" for n in range(4)), "https://b.example/", "https://c.example/"
    )
    urls = started(queue, downloader)
    assert urls == ["https://a.example/0", "https://b.example/", "https://c.example/", "https://a.example/1"]
    assert len(queue) == 2
    assert queue.peek() is None
    downloader.active = {request for request in downloader.active if request.url != "https://a.example/0"}
    peeked = queue.peek()
    assert peeked is not None
    assert peeked.url == "https://a.example/2"
    assert started(queue, downloader) == ["https://a.example/2"]


def test_the_host_served_last_comes_last_even_if_more_is_pushed() -> None:
    queue, downloader = queue_of("https://a.example/0", "https://a.example/1", "https://b.example/0")
    first = queue.pop()
    assert first is not None
    queue.push(Request("https://c.example/0"))  # a is not busy, but has had its turn: b comes first
    assert started(queue, downloader) == ["https://b.example/0", "https://a.example/1", "https://c.example/0"]
    assert len(queue) == 0
    assert queue.close() == {}
