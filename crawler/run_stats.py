"""What a run counts, kept in Scrapy's stats; keys are `winnow/...`, those of a site `winnow/site/<site>/...`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from scrapy.crawler import Crawler

from output.runs import new_run_id

RUN = "winnow/run/id"
SIGNAL = "winnow/run/signal"
EXIT_CODE = "winnow/run/exit_code"
FILES = "winnow/run/files"
INTERNAL_ERRORS = "winnow/run/internal_errors"
ARTICLES = "winnow/articles"
REJECTS = "winnow/rejects"
REMOVED = "winnow/removed"


def run_of(crawler: Crawler) -> str:
    """The name of the run that a crawler makes; the first who asks names it."""
    run = crawler.stats.get_value(RUN)
    if run is None:
        run = new_run_id(datetime.now(UTC))
        crawler.stats.set_value(RUN, run)
    return str(run)


def site_key(site: str, name: str) -> str:
    """The key of one count of a site."""
    return f"winnow/site/{site}/{name}"


def counts_under(stats: Mapping[str, Any], prefix: str) -> dict[str, int]:
    """The counts whose keys are `<prefix>/<name>`, by name, largest first."""
    start = f"{prefix}/"
    found = {key.removeprefix(start): value for key, value in stats.items() if key.startswith(start)}
    return dict(sorted(found.items(), key=lambda count: (-count[1], count[0])))
