"""Clocks that are ahead of this machine's, for `-s CLOCK=tests.support.clocks.NAME`."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path


def _ahead(hours: float) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


def as_written() -> datetime:
    """The moment that stands in the file which TEST_CLOCK names."""
    return datetime.fromisoformat(Path(os.environ["TEST_CLOCK"]).read_text())


def in_two_hours() -> datetime:
    return _ahead(2)


def in_four_hours() -> datetime:
    return _ahead(4)


def in_three_days() -> datetime:
    return _ahead(72)
