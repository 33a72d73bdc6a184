"""Convert a record's timestamps: RFC 3339 with an offset, or a date alone if the time is unknown."""

from __future__ import annotations

from datetime import UTC, date, datetime

_DATE_LENGTH = len("YYYY-MM-DD")


def day_of(timestamp: str) -> date:
    """Return the date, in the publisher's own time zone."""
    return date.fromisoformat(timestamp[:_DATE_LENGTH])


def utc_of(timestamp: str) -> datetime | None:
    """Return the time in UTC; None for a date alone, and at the very ends of the calendar."""
    if len(timestamp) == _DATE_LENGTH:
        return None
    try:
        return datetime.fromisoformat(timestamp).astimezone(UTC)
    except OverflowError:
        return None


def utc_or_midnight(timestamp: str) -> datetime:
    """Return the time in UTC, or midnight of a date alone, for formats that have no dates."""
    day = day_of(timestamp)
    return utc_of(timestamp) or datetime(day.year, day.month, day.day, tzinfo=UTC)


def rfc3339(when: datetime) -> str:
    """Format a time as records do: in UTC, to the second."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
