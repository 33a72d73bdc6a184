"""Read the settings for what is kept between runs."""

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
    """Return the NEAR_DUPLICATES setting. Raises ValueError with a one-line message."""
    chosen = str(settings.get("NEAR_DUPLICATES", MARK))
    if chosen not in (MARK, DROP):
        raise ValueError(f"NEAR_DUPLICATES is {chosen!r}; set it to {MARK!r} or {DROP!r}")
    return chosen


def state_url(settings: BaseSettings) -> str:
    """Return the state's database URL: STATE_URL, or a SQLite file in DATA_DIR."""
    return settings.get("STATE_URL") or f"sqlite:///{Path(settings['DATA_DIR']) / 'state.db'}"


def schedule_of(settings: BaseSettings) -> Schedule:
    """Return when failed URLs are retried and recent articles revisited."""
    return Schedule(
        pause=timedelta(minutes=settings.getfloat("RETRY_PAUSE")),
        attempts=settings.getint("RETRY_ATTEMPTS"),
        revisit_for=timedelta(hours=settings.getfloat("REVISIT_FOR")),
    )


def run_finalizer(settings: BaseSettings, state: State) -> RunFinalizer:
    """Return what finalizes the runs of this DATA_DIR, at their end and after an interruption."""
    return RunFinalizer(Path(settings["DATA_DIR"]), state, schedule_of(settings), comparison_key, SiteMemoryStore())
