"""A record's dates, which are moments with an offset, or days alone where the hour is not known."""

from __future__ import annotations

from datetime import UTC, date, datetime

_DAY = len("YYYY-MM-DD")


def day_of(moment: str) -> date:
    """The day, as the outlet has it."""
    return date.fromisoformat(moment[:_DAY])


def utc_of(moment: str) -> datetime | None:
    """The moment in UTC; None for a day alone, and for one at the very ends of the calendar."""
    if len(moment) == _DAY:
        return None
    try:
        return datetime.fromisoformat(moment).astimezone(UTC)
    except OverflowError:
        return None


def utc_or_midnight(moment: str) -> datetime:
    """The moment in UTC, for formats that know no days: midnight for a day alone."""
    day = day_of(moment)
    return utc_of(moment) or datetime(day.year, day.month, day.day, tzinfo=UTC)


def rfc3339(moment: datetime) -> str:
    """A moment in UTC, to the second, as records carry it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
