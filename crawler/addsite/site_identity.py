"""Tell a site's name, language and time zone from most of its pages."""

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

_BAR = re.compile(r"\s+[|–—·•«»-]\s+|\s*｜\s*")


def site_name(documents: Sequence[Document], trees: Sequence[html.HtmlElement], domain: str) -> tuple[str, str]:
    """The outlet's name, and a line for a person where it is a guess.

    What its articles say (og:site_name, the publisher in their JSON-LD); what ends all titles; the domain.
    """
    said = Counter(document.source_name for document in documents if document.source_name)
    if said:
        name, count = said.most_common(1)[0]
        other = f"pages call themselves {' and '.join(sorted(said))}: look at name" if count * 2 < said.total() else ""
        return name, other
    ends = Counter(end for tree in trees if (end := _end_of_title(tree)))
    if ends and (shared := ends.most_common(1)[0])[1] >= max(2, len(trees) / 2):
        return shared[0], f"name taken from the end of the titles: {shared[0]}"
    return domain, "no page says what the outlet is called: set name"


def _end_of_title(tree: html.HtmlElement) -> str:
    title = " ".join(str(tree.xpath("string(//head/title)")).split())
    parts = _BAR.split(title)
    return parts[-1] if len(parts) > 1 and len(parts[-1]) <= 40 else ""


def site_language(documents: Sequence[Document], tags: Iterable[str]) -> tuple[str, str]:
    """The language of most articles, else of the pages' own tags (`<html lang>`); and a line where it is a guess."""
    written = Counter(document.language for document in documents if document.language)
    declared = Counter(tag[:2].lower() for tag in tags if re.match(r"[A-Za-z]{2}(?:[-_]|$)", tag.strip()))
    if written:
        code, count = written.most_common(1)[0]
        if count * 3 < written.total() * 2:
            return code, f"articles in several languages ({', '.join(sorted(written))}): look at language"
        return code, ""
    if declared:
        return declared.most_common(1)[0][0], "language as the pages declare it: their text was too short to tell"
    return "en", "no language seen: en is a guess"


def language_tags(trees: Iterable[html.HtmlElement]) -> list[str]:
    """What pages declare: `<html lang>` and og:locale."""
    found: list[str] = []
    for tree in trees:
        found += [
            str(tag) for tag in tree.xpath("/html/@lang | //meta[@property='og:locale']/@content") if str(tag).strip()
        ]
    return found


# Where news in a language mostly comes from, the likeliest first. Only what offsets agree with is ever taken of several.
_AT_HOME = {
    "en": "US GB CA AU IN IE NZ ZA SG PH NG KE", "de": "DE AT CH", "fr": "FR BE CA CH", "es": "ES MX AR CO CL PE",
    "pt": "BR PT", "it": "IT", "nl": "NL BE", "ja": "JP", "ko": "KR", "zh": "CN TW HK SG", "pl": "PL", "cs": "CZ",
    "sk": "SK", "hu": "HU", "ro": "RO", "bg": "BG", "el": "GR", "tr": "TR", "ru": "RU", "uk": "UA", "sv": "SE",
    "da": "DK", "no": "NO", "nb": "NO", "fi": "FI", "et": "EE", "lv": "LV", "lt": "LT", "hr": "HR", "sl": "SI",
    "he": "IL", "ar": "EG SA AE", "hi": "IN", "th": "TH", "vi": "VN", "id": "ID",
}  # fmt: skip
# Where most newsrooms of a country stand whose zones the table does not begin with.
_FIRST = {"AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "CA": "America/Toronto", "RU": "Europe/Moscow"}
# Country domains that the whole world registers.
_EVERYWHERE = set("ai am cc co fm gg io is la li ly me nu sh so tk to tv ws".split())
_LARGEST = timedelta(hours=14, minutes=1)
_QUARTER = 15 * 60  # seconds; every offset in use is a multiple
_SLACK = 150  # seconds by which a feed may round a date


@dataclass(frozen=True, slots=True)
class TimeZoneGuess:
    """An IANA zone. `doubt` is one line for a person where it was not told by dates; `told` how many dates told it."""

    name: str
    told: int = 0
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class ArticleDates:
    """One article's date: on the page with its offset, or without (`naive`), and in the feed."""

    page: datetime | None
    naive: bool
    feed: datetime | None


def infer_time_zone(
    clocks: Iterable[ArticleDates], *, domain: str, language: str, regions: Sequence[str] = ()
) -> TimeZoneGuess:
    """The zone that agrees with most of the dates; without such dates that of the domain's or language's country.

    `regions` are countries that the pages name (`de-AT`), in ISO 3166.
    """
    seen = [one for clock in clocks for one in _offsets(clock)]
    near = _countries(domain, regions)
    far = _AT_HOME.get(language, "").split()
    if seen:
        for zone in _zones([*near, *far]):
            if _agreement(zone, seen) >= 0.8:
                return TimeZoneGuess(zone, len(seen))
        for zone in _zones(" ".join(_AT_HOME.values()).split()):
            if _agreement(zone, seen) >= 0.8:
                return TimeZoneGuess(zone, len(seen), f"time zone by its offsets alone, which others share: {zone}")
        offsets = " and ".join(sorted({_written(offset) for _, offset in seen}))
        return TimeZoneGuess(
            "UTC", 0, f"dates are at {offsets}, as no one zone of this language or domain is: set timezone"
        )
    country = (near or (far if len(far) == 1 else [""]))[0]
    if zones := list(_zones([country])):
        return TimeZoneGuess(
            zones[0], 0, f"no date tells an offset: time zone {zones[0]} is that of the domain's or language's country"
        )
    return TimeZoneGuess("UTC", 0, "no time zone seen: dates without an offset will be read as UTC; set timezone")


def _offsets(clock: ArticleDates) -> Iterator[tuple[datetime, timedelta]]:
    """Moments, and the offset from UTC that a clock at the outlet had then. UTC itself proves nothing: machines write it."""
    for date in (None if clock.naive else clock.page, clock.feed):
        if date is not None and (offset := date.utcoffset()):
            yield date.astimezone(UTC), offset
    if clock.page is not None and clock.naive and clock.feed is not None:
        ahead = clock.page.replace(tzinfo=UTC) - clock.feed.astimezone(UTC)
        offset = timedelta(seconds=round(ahead.total_seconds() / _QUARTER) * _QUARTER)
        if offset and abs(ahead) <= _LARGEST and abs((ahead - offset).total_seconds()) <= _SLACK:
            yield clock.feed.astimezone(UTC), offset


def _agreement(zone: str, seen: Sequence[tuple[datetime, timedelta]]) -> float:
    """Share of the offsets that a clock in the zone would have shown."""
    info = ZoneInfo(zone)
    return sum(moment.astimezone(info).utcoffset() == offset for moment, offset in seen) / len(seen)


def _countries(domain: str, regions: Sequence[str]) -> list[str]:
    label = domain.rpartition(".")[2].lower()
    of_domain = {"uk": "GB"}.get(label, label.upper()) if label not in _EVERYWHERE else ""
    # US is what content systems declare that nobody has told where they are.
    named = (region.upper() for region in regions if region.upper() != "US")
    return [code for code in dict.fromkeys((of_domain, *named)) if code in _table()]


def _zones(countries: Iterable[str]) -> Iterator[str]:
    for country in dict.fromkeys(countries):
        first = _FIRST.get(country)
        yield from (first,) if first else ()
        yield from (zone for zone in _table().get(country, ()) if zone != first)


@cache
def _table() -> dict[str, tuple[str, ...]]:
    """Country → its zones, in the order of the tz database."""
    found: dict[str, tuple[str, ...]] = {}
    text = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found[country] = (*found.get(country, ()), zone)
    return found


def region_of_tag(tag: str) -> str:
    """The country in a language tag: `AT` of `de-AT` and `de_AT`; "" where it names none."""
    match = re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{4})?[-_]([A-Za-z]{2})", tag.strip())
    return match[1].upper() if match else ""


def _written(offset: timedelta) -> str:
    minutes = int(offset.total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
