"""Dates of feeds and sitemaps: read with their offset, or none; never an error."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from crawler.discovery.feed_dates import parse_stamp


@pytest.mark.parametrize(
    ("text", "expected", "offset"),
    [
        ("2026-03-01T10:00:00+02:00", "2026-03-01 08:00", 2),
        ("Sun, 01 Mar 2026 10:00:00 GMT", "2026-03-01 10:00", 0),
        ("Sun, 01 Mar 2026 10:00:00 EST", "2026-03-01 15:00", -5),
        ("Sun, 01 Mar 2026 10:00:00 +0530", "2026-03-01 04:30", 5.5),
        ("Sun, 01 Mar 2026 10:00:00", "2026-03-01 10:00", 0),
        ("2026-03-01", "2026-03-01 00:00", 0),
        # No place is so far from Greenwich: the offset is left out.
        ("Sun, 01 Mar 2026 10:00:00 +9999", "2026-03-01 10:00", 0),
        ("2026-03-01 10:00 -2400", "2026-03-01 10:00", 0),
    ],
)
def test_a_date_is_read_with_its_offset(text: str, expected: str, offset: float) -> None:
    stamp = parse_stamp(text)
    assert stamp is not None
    assert stamp.utcoffset() == timedelta(hours=offset)
    assert f"{stamp.astimezone(UTC):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "yesterday",
        "1:" + "9" * 40,
        "77\xba4403864944374222019329722019343",
        "5207" + "8" * 36 + "h\0\0qld2477/0\0/6000",
        "9" * 400,
        "1e999999 May 2026",
        "99999999999999999999-01-01",
        "0001-01-01T00:00:00+23:59",
        "²²²²-²²-²²",
        "10:00",
        "\ud800 2026",
    ],
)
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert parse_stamp(text) is None
