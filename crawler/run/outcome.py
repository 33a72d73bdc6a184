"""Decide how a run ended from what it counted: one word for people, one exit code for cron."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from crawler.run import run_stats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from output.runs.run_log import SiteCounts

BUDGET_REACHED = "budget"
RUN_INTERRUPTED = "interrupted"
MEMORY_EXCEEDED = "memusage_exceeded"  # Scrapy's word


# Why a spider closes when nothing is wrong: no work left, or a limit that the user set.
_WELL = {
    "finished",
    "cancelled",
    "closespider_timeout",
    "closespider_itemcount",
    "closespider_pagecount",
    BUDGET_REACHED,
}


class ExitCode(IntEnum):
    """List the exit codes of a crawl; 128 + the signal's number where a signal ended it, 2 for wrong usage (Scrapy's own)."""

    WELL = 0
    ERROR = 1
    SITE_FAILED = 3
    ALL_SITES_FAILED = 4
    LOCKED = 5


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """Name the outcome: finished, budget, alarm, site_failed, all_sites_failed, interrupted or error."""

    name: str
    exit_code: int


def outcome_of(stats: Mapping[str, Any], sites: Mapping[str, SiteCounts], reason: str) -> RunOutcome:
    """Decide the outcome of a run whose spider closed for `reason`: a signal outranks an error, an error a failed site."""
    signal = stats.get(run_stats.SIGNAL_KEY)
    if signal:
        return RunOutcome("interrupted", 128 + int(signal))
    if stats.get("spider_exceptions/count") or stats.get(run_stats.INTERNAL_ERRORS_KEY):
        return RunOutcome("error", ExitCode.ERROR)
    if reason not in _WELL:
        return RunOutcome("error", ExitCode.ERROR)
    failed = [site for site, counts in sites.items() if counts.failed]
    if failed and len(failed) == len(sites):
        return RunOutcome("all_sites_failed", ExitCode.ALL_SITES_FAILED)
    if failed:
        return RunOutcome("site_failed", ExitCode.SITE_FAILED)
    if stats.get(run_stats.ALARMS_KEY):
        return RunOutcome("alarm", ExitCode.SITE_FAILED)
    return RunOutcome("budget" if reason == BUDGET_REACHED else "finished", ExitCode.WELL)
