"""Infer a site's name, language and time zone from the majority of its pages."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lxml import html

    from cleaners.document import Document

_TITLE_SEPARATOR = re.compile(r"(?<!\s)\s++[|–—·•«»-]\s+|(?:(?<!\s)\s++)?｜\s*")


def site_name(documents: Sequence[Document], trees: Sequence[html.HtmlElement], domain: str) -> tuple[str, str]:
    """Return the site's name, and a warning if it is a guess.

    It is what articles state (og:site_name, the publisher in their JSON-LD), else what titles end with, else the domain.
    """
    stated = Counter(document.source_name for document in documents if document.source_name)
    if stated:
        name, count = stated.most_common(1)[0]
        is_disputed = count * 2 < stated.total()
        return name, f"the pages name the site {' and '.join(sorted(stated))}: check name" if is_disputed else ""
    ends = Counter(end for tree in trees if (end := _end_of_title(tree)))
    if ends and (shared := ends.most_common(1)[0])[1] >= max(2, len(trees) / 2):
        return shared[0], f"the name is from the end of the titles: {shared[0]}"
    return domain, "no page names the site: set name"


def _end_of_title(tree: html.HtmlElement) -> str:
    title = " ".join(str(tree.xpath("string(//head/title)")).split())
    parts = _TITLE_SEPARATOR.split(title)
    return parts[-1] if len(parts) > 1 and len(parts[-1]) <= 40 else ""


def site_language(documents: Sequence[Document], tags: Iterable[str]) -> tuple[str, str]:
    """Return the language of most articles, else of the pages' tags (`<html lang>`), and a warning if it is a guess."""
    written = Counter(document.language for document in documents if document.language)
    declared = Counter(tag[:2].lower() for tag in tags if re.match(r"[A-Za-z]{2}(?:[-_]|$)", tag.strip()))
    if written:
        code, count = written.most_common(1)[0]
        if count * 3 < written.total() * 2:
            return code, f"articles are in several languages ({', '.join(sorted(written))}): check language"
        return code, ""
    if declared:
        return declared.most_common(1)[0][
            0
        ], "the language is the one that pages declare: their text is too short to detect it"
    return "en", "no page declares a language: en is a guess"


def language_tags(trees: Iterable[html.HtmlElement]) -> list[str]:
    """Return the language tags that pages declare: `<html lang>` and og:locale."""
    found: list[str] = []
    for tree in trees:
        found += [
            str(tag) for tag in tree.xpath("/html/@lang | //meta[@property='og:locale']/@content") if str(tag).strip()
        ]
    return found


# Countries where most news in a language comes from, the likeliest first. If there are several, offsets must confirm one.
_LANGUAGE_COUNTRIES = {
    "en": "US GB CA AU IN IE NZ ZA SG PH NG KE", "de": "DE AT CH", "fr": "FR BE CA CH", "es": "ES MX AR CO CL PE",
    "pt": "BR PT", "it": "IT", "nl": "NL BE", "ja": "JP", "ko": "KR", "zh": "CN TW HK SG", "pl": "PL", "cs": "CZ",
    "sk": "SK", "hu": "HU", "ro": "RO", "bg": "BG", "el": "GR", "tr": "TR", "ru": "RU", "uk": "UA", "sv": "SE",
    "da": "DK", "no": "NO", "nb": "NO", "fi": "FI", "et": "EE", "lv": "LV", "lt": "LT", "hr": "HR", "sl": "SI",
    "he": "IL", "ar": "EG SA AE", "hi": "IN", "th": "TH", "vi": "VN", "id": "ID",
}  # fmt: skip
# The zone of most newsrooms, for countries where the tz table begins with another.
_MAIN_ZONES = {"AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "CA": "America/Toronto", "RU": "Europe/Moscow"}
# Country domains that are registered all over the world.
_GENERIC_DOMAINS = set("ai am cc co fm gg io is la li ly me nu sh so tk to tv ws".split())
_MAX_OFFSET = timedelta(hours=14, minutes=1)
_QUARTER_HOUR = 15 * 60  # seconds; every offset in use is a multiple
_TOLERANCE = 150  # seconds by which a feed may round a date


@dataclass(frozen=True, slots=True)
class TimeZoneGuess:
    """Hold an IANA zone, the number of dates that confirm it, and a warning if dates alone do not settle it."""

    name: str
    dates: int = 0
    warning: str = ""


@dataclass(frozen=True, slots=True)
class ArticleDates:
    """Hold one article's date on its page, with or without (`is_naive`) an offset, and in the feed."""

    page: datetime | None
    is_naive: bool
    feed: datetime | None


def infer_time_zone(
    dates: Iterable[ArticleDates], *, domain: str, language: str, regions: Sequence[str] = ()
) -> TimeZoneGuess:
    """Return the zone that most dates agree with; without dates, that of the domain's or language's country.

    `regions` are countries that the pages name (`de-AT`), in ISO 3166.
    """
    observed = [offset for date in dates for offset in _offsets(date)]
    likely = _countries(domain, regions)
    of_language = _LANGUAGE_COUNTRIES.get(language, "").split()
    if observed:
        for zone in _zones([*likely, *of_language]):
            if _agreement(zone, observed) >= 0.8:
                return TimeZoneGuess(zone, len(observed))
        for zone in _zones(" ".join(_LANGUAGE_COUNTRIES.values()).split()):
            if _agreement(zone, observed) >= 0.8:
                return TimeZoneGuess(
                    zone, len(observed), f"time zone {zone} is inferred from offsets that others share: check timezone"
                )
        offsets = " and ".join(sorted({_format_offset(offset) for _, offset in observed}))
        return TimeZoneGuess("UTC", 0, f"dates have the offsets {offsets}, which fit no single time zone: set timezone")
    country = (likely or (of_language if len(of_language) == 1 else [""]))[0]
    if zones := list(_zones([country])):
        return TimeZoneGuess(
            zones[0], 0, f"no date shows an offset: time zone {zones[0]} is that of the domain's or language's country"
        )
    return TimeZoneGuess("UTC", 0, "no time zone found: dates without an offset will count as UTC; set timezone")


def _offsets(dates: ArticleDates) -> Iterator[tuple[datetime, timedelta]]:
    """Yield timestamps with the site's offset from UTC at that time; UTC itself proves nothing: machines write it."""
    for date in (None if dates.is_naive else dates.page, dates.feed):
        if date is not None and (offset := date.utcoffset()):
            yield date.astimezone(UTC), offset
    if dates.page is not None and dates.is_naive and dates.feed is not None:
        ahead = dates.page.replace(tzinfo=UTC) - dates.feed.astimezone(UTC)
        offset = timedelta(seconds=round(ahead.total_seconds() / _QUARTER_HOUR) * _QUARTER_HOUR)
        if offset and abs(ahead) <= _MAX_OFFSET and abs((ahead - offset).total_seconds()) <= _TOLERANCE:
            yield dates.feed.astimezone(UTC), offset


def _agreement(zone: str, observed: Sequence[tuple[datetime, timedelta]]) -> float:
    """Return the share of the observed offsets that the zone had at that time."""
    info = ZoneInfo(zone)
    return sum(time.astimezone(info).utcoffset() == offset for time, offset in observed) / len(observed)


def _countries(domain: str, regions: Sequence[str]) -> list[str]:
    label = domain.rpartition(".")[2].lower()
    of_domain = {"uk": "GB"}.get(label, label.upper()) if label not in _GENERIC_DOMAINS else ""
    # US is the default of content systems that were never configured.
    named = (region.upper() for region in regions if region.upper() != "US")
    return [code for code in dict.fromkeys((of_domain, *named)) if code in _zones_by_country()]


def _zones(countries: Iterable[str]) -> Iterator[str]:
    for country in dict.fromkeys(countries):
        main = _MAIN_ZONES.get(country)
        yield from (main,) if main else ()
        yield from (zone for zone in _zones_by_country().get(country, ()) if zone != main)


@cache
def _zones_by_country() -> dict[str, tuple[str, ...]]:
    """Return the zones by country, in the order of the tz database."""
    found: dict[str, tuple[str, ...]] = {}
    text = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found[country] = (*found.get(country, ()), zone)
    return found


def region_of_tag(tag: str) -> str:
    """Return the country in a language tag: `AT` of `de-AT` and `de_AT`; "" if it names none."""
    match = re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{4})?[-_]([A-Za-z]{2})", tag.strip())
    return match[1].upper() if match else ""


def _format_offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
