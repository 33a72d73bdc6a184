"""Resolve time zones as dates name them: offsets, abbreviations, IANA names."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.tz import tzoffset

# Hours of offset by abbreviation, RFC 822's (section 5.1) included. An ambiguous one has its most common meaning in news, or is
# left out (IST).
ZONE_HOURS = {
    "UTC": 0, "UT": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "HKT": 8,
    "SGT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "SAST": 2, "PKT": 5, "WIB": 7,
}  # fmt: skip
_US_ZONES = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}

_OFFSET = re.compile(r"\d\s*([+\-−])(\d{2}):?(\d{2})\s*$")


@lru_cache(maxsize=256)
def zone_of(name: str | None) -> ZoneInfo | None:
    """Return the time zone of an IANA name, or None where there is none of that name."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def parse_offset(text: str | None) -> tzinfo | None:
    """Parse an offset such as "Z", "+02:00", "-0530" or "+02"; None for anything else."""
    if not text:
        return None
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:4])
    if hours > 15 or minutes > 59:
        return None
    span = timedelta(hours=hours, minutes=minutes)
    return tzoffset(None, span if text[0] == "+" else -span)


def trailing_zone(text: str) -> tzinfo | None:
    """Return the time zone at the end of a text, or None."""
    match = _OFFSET.search(text)
    if match:
        return parse_offset(match[1] + match[2] + match[3])
    return named_zone(text.rsplit(" ", 1)[-1].strip("()"))


def named_zone(name: str) -> tzinfo | None:
    """Return the time zone of an abbreviation or an IANA name, or None."""
    key = name.upper()
    if key in ZONE_HOURS:
        return tzoffset(None, timedelta(hours=ZONE_HOURS[key])) if ZONE_HOURS[key] else UTC
    if key in _US_ZONES:
        return zone_of(_US_ZONES[key])
    return zone_of(name) if "/" in name and len(name) < 40 else None


def resolve_zone(name: str | None, offset: int | None) -> tzinfo | None:
    """Return the time zone for dateutil's parser: a written offset wins over the name."""
    if offset is not None:
        return tzoffset(None, timedelta(seconds=offset)) if abs(offset) < 57_600 else None
    return named_zone(name) if name else None
