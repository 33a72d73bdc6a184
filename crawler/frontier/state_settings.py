"""The settings of what is kept between runs, as the values that the state goes by."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.discovery.urls import comparison_key
from crawler.frontier.site_memory_store import SiteMemoryStore
from output.files.finalize import RunFinalizer
from output.state.schedule import Schedule

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from output.state import State

MARK, DROP = "mark", "drop"


def near_duplicates(settings: BaseSettings) -> str:
    """The NEAR_DUPLICATES setting. Raises ValueError, one line."""
    chosen = str(settings.get("NEAR_DUPLICATES", MARK))
    if chosen not in (MARK, DROP):
        raise ValueError(f"NEAR_DUPLICATES is {chosen!r}; set it to {MARK!r} or {DROP!r}")
    return chosen


def state_url(settings: BaseSettings) -> str:
    """Where the state is: STATE_URL, or a file in DATA_DIR."""
    return settings.get("STATE_URL") or f"sqlite:///{Path(settings['DATA_DIR']) / 'state.db'}"


def schedule_of(settings: BaseSettings) -> Schedule:
    """When failed URLs and young articles are asked for again."""
    return Schedule(
        pause=timedelta(minutes=settings.getfloat("RETRY_PAUSE")),
        attempts=settings.getint("RETRY_ATTEMPTS"),
        revisit_for=timedelta(hours=settings.getfloat("REVISIT_FOR")),
    )


def run_finalizer(settings: BaseSettings, state: State) -> RunFinalizer:
    """How the runs of this DATA_DIR are finished, at their end and after an interruption."""
    return RunFinalizer(Path(settings["DATA_DIR"]), state, schedule_of(settings), comparison_key, SiteMemoryStore())
