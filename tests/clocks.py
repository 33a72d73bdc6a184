"""Clocks that are ahead of this machine's, for `-s CLOCK=tests.clocks.NAME`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def _ahead(hours: float) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


def in_two_hours() -> datetime:
    return _ahead(2)


def in_four_hours() -> datetime:
    return _ahead(4)


def in_three_days() -> datetime:
    return _ahead(72)
