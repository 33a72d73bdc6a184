"""What a command hands to the components of a crawl, beside the settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scrapy.crawler import Crawler

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.workers.fork_server_client import ForkServer


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What one run was told.

    `arguments` are the spider's, as given. `budget` is the time the run may take, in seconds; 0 sets no limit.
    `fork_server` forks the processes that clean, where it was started before the crawl was.
    """

    arguments: Mapping[str, str] = field(default_factory=dict)
    budget: float = 0.0
    fork_server: ForkServer | None = None


class RunCrawler(Crawler):
    """Scrapy's crawler, with the options of its run: what is alive or typed is no setting."""

    def __init__(self, *args: Any, options: RunOptions, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.options = options


def options_of(crawler: Crawler) -> RunOptions:
    """Return the options of a crawler's run; those of a run that was told nothing, where a command gave none."""
    return crawler.options if isinstance(crawler, RunCrawler) else RunOptions()
