"""The dates of feeds and sitemaps: RFC 822, W3C-DTF, and what publishers write instead."""

from __future__ import annotations

from datetime import UTC, datetime

from dateutil import parser

from cleaners.text.time_zones import ZONE_HOURS

_ZONES = {name: hours * 3600 for name, hours in ZONE_HOURS.items()}  # in seconds, as dateutil asks for them


def parse_stamp(text: str | None) -> datetime | None:
    """The moment that `text` names, with its own offset (UTC where it has none); None where it names none."""
    cleaned = " ".join((text or "").split())[:80]
    if not any(char.isdigit() for char in cleaned):
        return None
    try:
        iso = datetime.fromisoformat(cleaned)  # what sitemaps and Atom write, thirty times faster
        return _plausible(iso)
    except ValueError:
        pass
    try:
        # A default far from today shows whether the year was given: dateutil fills in what is missing.
        return _plausible(parser.parse(cleaned, tzinfos=_ZONES, default=datetime(1, 1, 1)))
    except (ValueError, OverflowError, TypeError):
        return None


def _plausible(stamp: datetime) -> datetime | None:
    stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    return stamp if 1970 < stamp.year < 2200 else None
