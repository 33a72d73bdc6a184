"""Read a date, after a line with its language: none, or one that a record can hold and that is read as itself."""

from __future__ import annotations

from pydantic import TypeAdapter

from cleaners.text.dates import dates_in_url, parse_date
from crawler.discovery.feed_dates import parse_stamp
from output.records.article import Timestamp
from tests.fuzz.expectations import expect_timestamp, first_line

_TIMESTAMP: TypeAdapter[str] = TypeAdapter(Timestamp)


def check(data: bytes) -> None:
    language, rest = first_line(data)
    text = rest.decode("utf-8", "replace")
    for zone in (None, "Europe/Berlin"):
        _expect_date(parse_date(text, timezone=zone, language=language or None))
    for number in _numbers(text):
        _expect_date(parse_date(number))
    expect_timestamp(parse_stamp(text))
    list(dates_in_url(text))


def _expect_date(found: str | None) -> None:
    if found is not None:
        _TIMESTAMP.validate_python(found)
        assert parse_date(found) == found


def _numbers(text: str) -> list[float]:
    """Return the text as JSON might have it, if it is a number."""
    found: list[float] = []
    for kind in (int, float):
        try:
            found.append(kind(text))
        except (ValueError, OverflowError):
            continue
    return found
