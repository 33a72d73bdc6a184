"""How a run ended: one word for people and one exit code for cron, from what it counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from crawler import run_stats
from crawler.extensions.ending import BUDGET
from output.runs import SiteCounts

# Why a spider closes when nothing is wrong: no work left, or a limit that the user set.
_WELL = {"finished", "cancelled", "closespider_timeout", "closespider_itemcount", "closespider_pagecount", BUDGET}


class ExitCode(IntEnum):
    """Exit codes of a crawl; 128 + the signal's number where a signal ended it, 2 for wrong usage (Scrapy's own)."""

    WELL = 0
    ERROR = 1
    SITE_FAILED = 3
    ALL_SITES_FAILED = 4
    LOCKED = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """`name` is finished, budget, alarm, site_failed, all_sites_failed, interrupted or error."""

    name: str
    exit_code: int


def outcome_of(stats: Mapping[str, Any], sites: Mapping[str, SiteCounts], reason: str) -> Outcome:
    """The outcome of a run whose spider closed for `reason`. A signal goes before an error, an error before a site."""
    signal = stats.get(run_stats.SIGNAL)
    if signal:
        return Outcome("interrupted", 128 + int(signal))
    if stats.get("spider_exceptions/count") or stats.get(run_stats.INTERNAL_ERRORS):
        return Outcome("error", ExitCode.ERROR)
    if reason not in _WELL:
        return Outcome("error", ExitCode.ERROR)
    failed = [site for site, counts in sites.items() if counts.failed]
    if failed and len(failed) == len(sites):
        return Outcome("all_sites_failed", ExitCode.ALL_SITES_FAILED)
    if failed:
        return Outcome("site_failed", ExitCode.SITE_FAILED)
    if stats.get(run_stats.ALARMS):
        return Outcome("alarm", ExitCode.SITE_FAILED)
    return Outcome("budget" if reason == BUDGET else "finished", ExitCode.WELL)
