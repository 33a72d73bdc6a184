"""Parse dates as pages write them into RFC 3339; garbage or an impossible date gives None, never a guess.

A time with a known offset keeps it. A time without one takes the site's time zone; where that is unknown, only the date is
kept.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from dateutil import parser as dateutil_parser
from dateutil.tz import tzoffset

from cleaners.text.time_zones import named_zone, offset, trailing_zone, zone_info, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator

EARLIEST = date(1990, 1, 1)  # there was no web page before
LEEWAY = timedelta(hours=26)  # clocks and zones differ; nothing real lies further in the future

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
_NAMED_OFFSET = re.compile(r"\b(?:GMT|UTC)(?=[+-]\d)")  # dateutil reads "GMT+2" as POSIX does: the sign turned
_WORDY = re.compile(r"[^\W\d_]{3}")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_DAY = re.compile(r"(?<![\d:.])(?:[12]\d|3[01]|0?[1-9])(?![\d:])")
_USUAL_LANGUAGES = ["de", "fr", "es", "it", "pt", "nl"]  # where the page does not name its own; English was read before
_PUBLISHED_LABEL = re.compile(
    r"""^\W*(?:(?:first\s+published|published|posted|created|updated|last\s+updated|last\s+modified|publiée?|mis\s+à\s+jour
    |publicado|actualizado|pubblicato|aggiornato|veröffentlicht|erstellt|aktualisiert|stand|gepubliceerd|opublikowano
    |publicerad|publisert|udgivet)\b\s*(?:on|at|am|le|el|il|op|em|den|:)?\s*:?\s*)+""",
    re.IGNORECASE | re.VERBOSE,
)
_AROUND = re.compile(r"\b(?:uhr|klokken|kl\.|o'clock|updated|aktualisiert)\b|[|•·–—]", re.IGNORECASE)
_US_ORDER = frozenset({"en-us", "en-ph"})

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
    """One date as RFC 3339 with its offset ("2024-04-30T16:38:37+02:00"), or as a plain date ("2024-04-30"), or None.

    `timezone` (IANA name) is given to a time without an offset. `language` (a tag, "en-US" included) decides on words
    and on the order of numbers. `latest` is when the page was fetched: later dates are refused, as are those before
    1990. `words` allows the slow reading of dates in words (1 ms) where nothing faster reads it.
    """
    moment = _read(text, language, words)
    return None if moment is None else written(moment, timezone=timezone, latest=latest)


def written(moment: datetime | date, *, timezone: str | None = None, latest: datetime | None = None) -> str | None:
    """Format a timestamp as records have it, or return None where it cannot be true."""
    if isinstance(moment, datetime) and moment.tzinfo is None:
        zone = zone_of(timezone)
        moment = moment.replace(tzinfo=zone) if zone else moment.date()
    day = moment.date() if isinstance(moment, datetime) else moment
    if day < EARLIEST or day.year > 2100:
        return None
    if latest is not None:
        limit = (latest if latest.tzinfo else latest.replace(tzinfo=UTC)) + LEEWAY
        if (moment > limit) if isinstance(moment, datetime) else (day > limit.date()):
            return None
    if not isinstance(moment, datetime):
        return day.isoformat()
    try:
        text = moment.replace(microsecond=0).isoformat()
    except (ValueError, OverflowError):
        return day.isoformat()
    return text if re.search(r"[+-]\d\d:\d\d$", text) else day.isoformat()  # RFC 3339 knows no offsets with seconds


def dates_in_url(url: str | None) -> Iterator[date]:
    """Yield the days that a URL's path spells out, most reliable form first."""
    path = re.sub(r"^[a-z]+://[^/]*", "", url or "")
    for pattern in _URL_DATE:
        for match in pattern.finditer(path):
            try:
                yield date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                continue


def _read(text: str | int | float | None, language: str | None, words: bool) -> datetime | date | None:
    if isinstance(text, bool) or text is None:
        return None
    if isinstance(text, int | float):
        return _epoch(float(text))
    text = " ".join(text[:200].replace("\u200e", "").replace("\u200f", "").split())
    if not text or not any(char.isdigit() for char in text):
        return None
    if text.isdigit():
        compact = _compact(text) if len(text) in (8, 12, 14) else None
        return compact or (_epoch(float(text)) if len(text) in (9, 10, 13) else None)
    return (
        _iso(text)
        or _compact(text)
        or _cjk(text)
        or _numbers(text, language)
        or _lenient(_PUBLISHED_LABEL.sub("", text))
        or (_in_words(_PUBLISHED_LABEL.sub("", text), language) if words else None)
    )


def _epoch(value: float) -> datetime | None:
    """Parse seconds or milliseconds since 1970."""
    if value > 1e11:
        value /= 1000
    return datetime.fromtimestamp(value, UTC) if 6e8 < value < 4.2e9 else None


def _iso(text: str) -> datetime | date | None:
    match = _ISO.match(text)
    if not match:
        return None
    moment = _build(match)
    if isinstance(moment, datetime) and not match["z"]:
        rest = text[match.end() :].strip().strip("[]()")
        zone = named_zone(rest)
        return moment.replace(tzinfo=zone) if zone else moment
    return moment


def _compact(text: str) -> datetime | date | None:
    """`20240430T163837Z` and `20240430`."""
    match = _COMPACT.fullmatch(text)
    if not match:
        return None
    y, m, d, hour, minute, second, zone = match.groups()
    try:
        day = date(int(y), int(m), int(d))
        if hour is None:
            return day
        return datetime(day.year, day.month, day.day, int(hour), int(minute), int(second or 0), tzinfo=offset(zone))
    except ValueError:
        return None


def _cjk(text: str) -> datetime | date | None:
    match = _CJK.search(text)
    if match:
        return _build(match, _half(match["p"]))
    match = _YEAR_FIRST.search(text)
    return _build(match) if match else None


def _numbers(text: str, language: str | None) -> datetime | date | None:
    """`30.04.2024, 16:38 Uhr` and its kin. Where both orders are possible only the US put the month first."""
    match = _NUMERIC.search(text)
    if not match:
        return None
    a, b, year = int(match["a"]), int(match["b"]), int(match["y"])
    if year < 100:
        year += 2000
    month_first = b > 12 or (match["s"] == "/" and a <= 12 and (language or "").lower() in _US_ORDER)
    if match["s"] == "/" and a <= 12 and b <= 12 and a != b and (language or "").lower() == "en":
        return None  # English alone does not tell which of the two orders is meant
    day, month = (b, a) if month_first else (a, b)
    try:
        if match["H"] is None:
            return date(year, month, day)
        hour = int(match["H"])
        if match["p"]:
            hour = hour % 12 + (12 if match["p"][0] in "Pp" else 0)
        return datetime(year, month, day, hour, int(match["M"]), tzinfo=trailing_zone(text))
    except ValueError:
        return None


def _lenient(text: str) -> datetime | date | None:
    """RFC 2822 and English forms, by dateutil. Read on two different days: what differs was not in the text."""
    if not _WORDY.search(text) or not _YEAR.search(text) or len(text) > 80:
        return None
    text = _NAMED_OFFSET.sub("", text)
    readings = []
    for default in (datetime(2001, 2, 3), datetime(2002, 5, 17)):
        try:
            readings.append(dateutil_parser.parse(text, default=default, tzinfos=zone_info))
        except (ValueError, OverflowError, TypeError, AttributeError):
            return None
    first, second = readings
    if first.date() != second.date():
        return None
    return first if re.search(r"\d[:.]\d\d|\d\s*[ap]\.?m", text, re.IGNORECASE) else first.date()


def _in_words(text: str, language: str | None) -> datetime | date | None:
    """Parse dates in the words of other languages with dateparser; only whole dates, with their year."""
    if len(text) > 80 or not _YEAR.search(text) or not _WORDY.search(text) or not _DAY.search(text):
        return None
    import dateparser  # slow to import, and few pages need it

    code = re.split(r"[-_]", (language or "").lower())[0]
    settings = {"REQUIRE_PARTS": ["day", "month", "year"], "PREFER_DATES_FROM": "past"}
    cleaned = " ".join(_AROUND.sub(" ", text).split())
    try:
        moment = dateparser.parse(cleaned, languages=[code] if code else _USUAL_LANGUAGES, settings=settings)
    except Exception:  # an unknown language is a ValueError; odd input has raised others from its depths
        return None
    if moment is None:
        return None
    zone = moment.tzinfo
    if zone is not None:  # a class of its own that does not print as an offset
        moment = moment.replace(tzinfo=tzoffset(None, zone.utcoffset(moment) or timedelta()))
    return moment if re.search(r"\d[:.h]\d\d", cleaned) else moment.date()


def _build(match: re.Match[str], half: int | None = None) -> datetime | date | None:
    groups = match.groupdict()
    try:
        day = date(int(groups["y"]), int(groups["m"]), int(groups["d"]))
        if groups["H"] is None:
            return day
        hour = int(groups["H"])
        if half is not None:
            hour = hour % 12 + half
        if hour == 24 and not int(groups["M"] or 0):
            return day
        second = min(int(groups.get("S") or 0), 59)  # a leap second
        return datetime(
            day.year, day.month, day.day, hour, int(groups["M"] or 0), second, tzinfo=offset(groups.get("z"))
        )
    except ValueError:
        return None


def _half(marker: str | None) -> int | None:
    return None if not marker else 12 if marker in ("午後", "下午", "오후") else 0
