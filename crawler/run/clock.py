"""Tell the time in one place: the CLOCK setting names the clock, so a test may use another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.utils.misc import load_object

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the current time of this machine, in UTC."""
    return datetime.now(UTC)


def clock_from(settings: BaseSettings) -> Clock:
    """Load the clock that the CLOCK setting names."""
    clock: Clock = load_object(settings.get("CLOCK", utc_now))
    return clock
