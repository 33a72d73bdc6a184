"""Hand a command's options to the components of a crawl, beside the settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scrapy.crawler import Crawler

from crawler.run.loop_record import LoopRecord

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from crawler.workers.fork_server_client import ForkServer


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Hold the options of one run.

    `arguments` are the spider's, as given. `budget` is the time the run may take, in seconds; 0 sets no limit.
    `fork_server` forks the processes that clean, where it was started before the crawl. `loop` records what its event loop is at.
    """

    arguments: Mapping[str, str] = field(default_factory=dict)
    budget: float = 0.0
    fork_server: ForkServer | None = None
    loop: LoopRecord = field(default_factory=LoopRecord)


class RunCrawler(Crawler):
    """Extend Scrapy's crawler by the options of its run: live or typed objects are not settings."""

    def __init__(self, *args: Any, options: RunOptions, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.options = options


def options_of(crawler: Crawler) -> RunOptions:
    """Return the options of a crawler's run; empty options where a command gave none."""
    return crawler.options if isinstance(crawler, RunCrawler) else RunOptions()


def at_work(crawler: Crawler, site: str, what: str) -> AbstractContextManager[None]:
    """Note, as a context manager, that the event loop works for this site: a loop that hangs is told by it. No `await` within."""
    return options_of(crawler).loop.at_work(site, what)
