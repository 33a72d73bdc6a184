"""Parse dates as pages write them into RFC 3339; garbage and impossible dates give None, never a guess.

A time keeps its offset. A time without one gets the site's time zone; where that is unknown, only the date is kept.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from dateutil import parser as dateutil_parser
from dateutil.tz import tzoffset

from cleaners.text.time_zones import named_zone, parse_offset, resolve_zone, trailing_zone, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator

EARLIEST = date(1990, 1, 1)  # no web page is older
_END = datetime(2101, 1, 1, tzinfo=UTC)  # no page is from then, whatever its server's clock shows
LEEWAY = timedelta(hours=26)  # clocks and time zones differ by less; a later date is wrong

_ISO = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)"
    r"(?:[T\s]+(?P<H>\d{1,2}):?(?P<M>\d{2})(?::?(?P<S>\d{2})(?:[.,]\d{1,9})?)?\s*"
    r"(?P<z>Z|z|UTC|GMT|[+\-−]\d{2}:?\d{2}|[+\-−]\d{2})?)?"
)
_CJK = re.compile(
    r"(?P<y>\d{4})\s*[年년]\s*(?P<m>\d{1,2})\s*[月월]\s*(?P<d>\d{1,2})\s*[日일号號]?"
    r"(?:\s*[((（][^)）]{1,3}[)）])?\s*(?P<p>午前|午後|上午|下午|오전|오후)?\s*(?:(?P<H>\d{1,2})\s*[:：時时시点點]\s*(?P<M>\d{1,2})?)?"
)
_YEAR_FIRST = re.compile(
    r"(?<!\d)(?P<y>\d{4})[./](?P<m>\d{1,2})[./](?P<d>\d{1,2})\.?(?!\d)(?:\D{0,6}?(?P<H>\d{1,2})[:：](?P<M>\d{2}))?"
)
_NUMERIC = re.compile(
    r"(?<![\d./-])(?P<a>\d{1,2})(?P<s>[./-])\s?(?P<b>\d{1,2})(?P=s)\s?(?P<y>\d{4}|\d{2})(?![\d/-])"
    r"(?:[^\d\n]{0,12}?(?P<H>\d{1,2})[:.h](?P<M>\d{2})\s*(?P<p>[AaPp]\.?[Mm]\b)?)?"
)
_COMPACT = re.compile(r"(20\d{2}|199\d)(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?")
_NAMED_OFFSET = re.compile(r"\b(?:GMT|UTC)(?=[+-]\d)")  # dateutil parses "GMT+2" like POSIX, with the sign inverted
_WORD = re.compile(r"[^\W\d_]{3}")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_DAY = re.compile(r"(?<![\d:.])(?:[12]\d|3[01]|0?[1-9])(?![\d:])")
# Where the page names none; dateutil has tried English before.
_DEFAULT_LANGUAGES = ["de", "fr", "es", "it", "pt", "nl"]
_PUBLISHED_LABEL = re.compile(
    r"""^\W*(?:(?:first\s+published|published|posted|created|updated|last\s+updated|last\s+modified|publiée?|mis\s+à\s+jour
    |publicado|actualizado|pubblicato|aggiornato|veröffentlicht|erstellt|aktualisiert|stand|gepubliceerd|opublikowano
    |publicerad|publisert|udgivet)\b\s*(?:on|at|am|le|el|il|op|em|den|:)?\s*:?\s*)+""",
    re.IGNORECASE | re.VERBOSE,
)
_NOISE = re.compile(r"\b(?:uhr|klokken|kl\.|o'clock|updated|aktualisiert)\b|[|•·–—]", re.IGNORECASE)
_MONTH_FIRST_LANGUAGES = frozenset({"en-us", "en-ph"})

_URL_DATE = (
    re.compile(r"/((?:19|20)\d{2})/(\d{1,2})/(\d{1,2})(?=[/_-]|$)"),
    re.compile(r"(?<!\d)((?:19|20)\d{2})-(\d{2})-(\d{2})(?!\d)"),
    re.compile(r"[/_\-t](20[0-3]\d)([01]\d)([0-3]\d)(?=\D|$)"),
    re.compile(r"/((?:19|20)\d{2})/([01]\d)([0-3]\d)(?=[/_-]|$)"),
)


def parse_date(
    text: str | int | float | None,
    *,
    timezone: str | None = None,
    language: str | None = None,
    latest: datetime | None = None,
    words: bool = True,
) -> str | None:
    """Parse one date into RFC 3339 with its offset ("2024-04-30T16:38:37+02:00") or a plain date ("2024-04-30"); else None.

    `timezone` (IANA name) applies to times without an offset. `language` (a tag such as "de" or "en-US") decides on month
    names and on the order of day and month. `latest` is the time of the fetch: later dates are rejected, as are those before
    1990. `words` allows the slow parser for dates in words (1 ms) where the fast ones fail.
    """
    timestamp = _parse(text, language, words)
    return None if timestamp is None else format_date(timestamp, timezone=timezone, latest=latest)


def format_date(
    timestamp: datetime | date, *, timezone: str | None = None, latest: datetime | None = None
) -> str | None:
    """Format a timestamp as records have it; None where it is before 1990 or after `latest`."""
    if isinstance(timestamp, datetime) and timestamp.tzinfo is None:
        zone = zone_of(timezone)
        timestamp = timestamp.replace(tzinfo=zone) if zone else timestamp.date()
    day = timestamp.date() if isinstance(timestamp, datetime) else timestamp
    if day < EARLIEST or day.year >= _END.year:
        return None
    if latest is not None:
        limit = min(latest if latest.tzinfo else latest.replace(tzinfo=UTC), _END) + LEEWAY
        if (timestamp > limit) if isinstance(timestamp, datetime) else (day > limit.date()):
            return None
    if not isinstance(timestamp, datetime):
        return day.isoformat()
    try:
        text = timestamp.replace(microsecond=0).isoformat()
    except (ValueError, OverflowError):
        return day.isoformat()
    return text if re.search(r"[+-]\d\d:\d\d$", text) else day.isoformat()  # RFC 3339 has no offsets with seconds


def dates_in_url(url: str | None) -> Iterator[date]:
    """Yield the days that a URL's path spells out, most reliable form first."""
    path = re.sub(r"^[a-z]+://[^/]*", "", url or "")
    for pattern in _URL_DATE:
        for match in pattern.finditer(path):
            try:
                yield date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                continue


def _parse(text: str | int | float | None, language: str | None, words: bool) -> datetime | date | None:
    if isinstance(text, bool) or text is None:
        return None
    if isinstance(text, int | float):
        return _parse_epoch(text)
    text = " ".join(text[:200].replace("\u200e", "").replace("\u200f", "").split())
    if not text or not any(char.isdigit() for char in text):
        return None
    if text.isdecimal():
        compact = _parse_compact(text) if len(text) in (8, 12, 14) else None
        return compact or (_parse_epoch(int(text)) if len(text) in (9, 10, 13) else None)
    return (
        _parse_iso(text)
        or _parse_compact(text)
        or _parse_year_first(text)
        or _parse_numeric(text, language)
        or _parse_english(_PUBLISHED_LABEL.sub("", text))
        or (_parse_words(_PUBLISHED_LABEL.sub("", text), language) if words else None)
    )


def _parse_epoch(value: float) -> datetime | None:
    """Convert seconds or milliseconds since 1970."""
    if 1e11 < value < 1e13:
        value /= 1000
    return datetime.fromtimestamp(value, UTC) if 6e8 < value < 4.2e9 else None


def _parse_iso(text: str) -> datetime | date | None:
    match = _ISO.match(text)
    if not match:
        return None
    timestamp = _build(match)
    if isinstance(timestamp, datetime) and not match["z"]:
        rest = text[match.end() :].strip().strip("[]()")
        zone = named_zone(rest)
        return timestamp.replace(tzinfo=zone) if zone else timestamp
    return timestamp


def _parse_compact(text: str) -> datetime | date | None:
    """Parse `20240430T163837Z` and `20240430`."""
    match = _COMPACT.fullmatch(text)
    if not match:
        return None
    year, month, day_of_month, hour, minute, second, zone = match.groups()
    try:
        day = date(int(year), int(month), int(day_of_month))
        if hour is None:
            return day
        return datetime(
            day.year, day.month, day.day, int(hour), int(minute), int(second or 0), tzinfo=parse_offset(zone)
        )
    except ValueError:
        return None


def _parse_year_first(text: str) -> datetime | date | None:
    """Parse `2024年4月30日 午後4:38` and `2024/04/30 16:38`."""
    match = _CJK.search(text)
    if match:
        return _build(match, _half_day(match["p"]))
    match = _YEAR_FIRST.search(text)
    return _build(match) if match else None


def _parse_numeric(text: str, language: str | None) -> datetime | date | None:
    """Parse `30.04.2024, 16:38 Uhr` and the like. Where both orders are possible, only American English has the month first."""
    match = _NUMERIC.search(text)
    if not match:
        return None
    first, second, year = int(match["a"]), int(match["b"]), int(match["y"])
    if year < 100:
        year += 2000
    tag = (language or "").lower()
    month_first = second > 12 or (match["s"] == "/" and first <= 12 and tag in _MONTH_FIRST_LANGUAGES)
    if match["s"] == "/" and first <= 12 and second <= 12 and first != second and tag == "en":
        return None  # "en" does not say which of the two orders is meant
    day, month = (second, first) if month_first else (first, second)
    try:
        if match["H"] is None:
            return date(year, month, day)
        hour = int(match["H"])
        if match["p"]:
            hour = hour % 12 + (12 if match["p"][0] in "Pp" else 0)
        return datetime(year, month, day, hour, int(match["M"]), tzinfo=trailing_zone(text))
    except ValueError:
        return None


def _parse_english(text: str) -> datetime | date | None:
    """Parse RFC 2822 and English dates, by dateutil; None where the text is no whole date.

    dateutil fills gaps from a default date, so it runs with two of them: a part that differs is not in the text.
    """
    if len(text) > 80 or not _YEAR.search(text) or not _WORD.search(text):
        return None
    text = _NAMED_OFFSET.sub("", text)
    timestamps = []
    for default in (datetime(2001, 2, 3), datetime(2002, 5, 17)):
        try:
            timestamps.append(dateutil_parser.parse(text, default=default, tzinfos=resolve_zone))
        except Exception:  # beside its own error, odd input has raised ArithmeticError, TypeError and AttributeError
            return None
    first, second = timestamps
    if first.date() != second.date():
        return None
    return first if re.search(r"\d[:.]\d\d|\d\s*[ap]\.?m", text, re.IGNORECASE) else first.date()


def _parse_words(text: str, language: str | None) -> datetime | date | None:
    """Parse whole dates in the words of other languages, by dateparser."""
    if len(text) > 80 or not _YEAR.search(text) or not _WORD.search(text) or not _DAY.search(text):
        return None
    import dateparser  # slow to import, and few pages need it

    code = re.split(r"[-_]", (language or "").lower())[0]
    settings = {"REQUIRE_PARTS": ["day", "month", "year"], "PREFER_DATES_FROM": "past"}
    cleaned = " ".join(_NOISE.sub(" ", text).split())
    try:
        timestamp = dateparser.parse(cleaned, languages=[code] if code else _DEFAULT_LANGUAGES, settings=settings)
        if timestamp is None:
            return None
        if (zone := timestamp.tzinfo) is not None:  # dateparser's own class does not format as an offset
            timestamp = timestamp.replace(tzinfo=tzoffset(None, zone.utcoffset(timestamp) or timedelta()))
    except Exception:  # an unknown language raises ValueError, odd input has raised other errors
        return None
    return timestamp if re.search(r"\d[:.h]\d\d", cleaned) else timestamp.date()


def _build(match: re.Match[str], half_day: int | None = None) -> datetime | date | None:
    """Build a date, or a datetime where the match has a time. `half_day` is the hour at which its 12-hour clock starts."""
    groups = match.groupdict()
    try:
        day = date(int(groups["y"]), int(groups["m"]), int(groups["d"]))
        if groups["H"] is None:
            return day
        hour = int(groups["H"])
        if half_day is not None:
            hour = hour % 12 + half_day
        if hour == 24 and not int(groups["M"] or 0):
            return day
        second = min(int(groups.get("S") or 0), 59)  # a leap second
        return datetime(
            day.year, day.month, day.day, hour, int(groups["M"] or 0), second, tzinfo=parse_offset(groups.get("z"))
        )
    except ValueError:
        return None


def _half_day(marker: str | None) -> int | None:
    if not marker:
        return None
    return 12 if marker in ("午後", "下午", "오후") else 0
