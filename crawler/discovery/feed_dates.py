"""Parse the dates of feeds and sitemaps: RFC 822, W3C-DTF, and what publishers write instead."""

from __future__ import annotations

from datetime import UTC, datetime

from dateutil import parser

from cleaners.text.time_zones import resolve_zone


def parse_stamp(text: str | None) -> datetime | None:
    """Return the timestamp that `text` names, with its own offset or else in UTC; None if it names none."""
    cleaned = " ".join((text or "").split())[:80]
    if not any(char.isdigit() for char in cleaned):
        return None
    try:
        # What sitemaps and Atom write; thirty times as fast as dateutil.
        return _plausible(datetime.fromisoformat(cleaned))
    except ValueError:
        pass
    try:
        # dateutil fills in what is missing: a default far from today shows whether the year was given.
        return _plausible(parser.parse(cleaned, tzinfos=resolve_zone, default=datetime(1, 1, 1)))
    except Exception:  # beside its own error, odd input has raised ArithmeticError, TypeError and AttributeError
        return None


def _plausible(timestamp: datetime) -> datetime | None:
    timestamp = timestamp if timestamp.tzinfo else timestamp.replace(tzinfo=UTC)
    return timestamp if 1970 < timestamp.year < 2200 else None
