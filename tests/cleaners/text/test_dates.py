"""Parse dates as sites write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cleaners.text.dates import dates_in_url, parse_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-04-30T16:38:37+02:00", "2024-04-30T16:38:37+02:00"),
        ("2024-04-30 16:38:37 +0200", "2024-04-30T16:38:37+02:00"),
        ("2024-04-30T16:38:37.123Z", "2024-04-30T16:38:37+00:00"),
        ("2024-04-30T16:38:37+02:00[Europe/Berlin]", "2024-04-30T16:38:37+02:00"),
        ("2024-04-30 16:38 America/New_York", "2024-04-30T16:38:00-04:00"),
        ("20240430T163837Z", "2024-04-30T16:38:37+00:00"),
        ("20240430", "2024-04-30"),
        ("Tue, 30 Apr 2024 16:38:37 GMT", "2024-04-30T16:38:37+00:00"),
        ("Tue Apr 30 2024 16:38:37 GMT+0200 (CEST)", "2024-04-30T16:38:37+02:00"),
        ("April 30, 2024 at 4:38 p.m. EDT", "2024-04-30T16:38:00-04:00"),
        ("Published 10:04 AM EST, Mon January 8, 2024", "2024-01-08T10:04:00-05:00"),
        ("5 Nov 2024 10.30 GMT", "2024-11-05T10:30:00+00:00"),
        ("Nov. 5, 2024", "2024-11-05"),
        (1714488000, "2024-04-30T14:40:00+00:00"),
        ("1714488000000", "2024-04-30T14:40:00+00:00"),
    ],
)
def test_a_complete_date_needs_no_context(text: str | int, expected: str) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    ("text", "language", "zone", "expected"),
    [
        ("2024-04-30T16:38", None, "Europe/Berlin", "2024-04-30T16:38:00+02:00"),
        ("2024-01-30T16:38", None, "Europe/Berlin", "2024-01-30T16:38:00+01:00"),
        ("30.04.2024, 16:38 Uhr", "de", "Europe/Berlin", "2024-04-30T16:38:00+02:00"),
        ("3. März 2024, 08:05 Uhr", "de", "Europe/Berlin", "2024-03-03T08:05:00+01:00"),
        ("Aktualisiert am 3. März 2024 um 08:05 Uhr", "de", "Europe/Berlin", "2024-03-03T08:05:00+01:00"),
        ("le 3 février 2024 à 10h05", "fr", "Europe/Paris", "2024-02-03T10:05:00+01:00"),
        ("Publié le 3 février 2024", "fr", "Europe/Paris", "2024-02-03"),
        ("3 de mayo de 2024", "es", None, "2024-05-03"),
        ("2024年11月26日 14時47分", "ja", "Asia/Tokyo", "2024-11-26T14:47:00+09:00"),
        ("2024年11月26日(火) 午後2:47", "ja", "Asia/Tokyo", "2024-11-26T14:47:00+09:00"),
        ("2024/11/26 14:47", "ja", "Asia/Tokyo", "2024-11-26T14:47:00+09:00"),
        ("2024年05月03日 上午 12:10", "zh", "Asia/Shanghai", "2024-05-03T00:10:00+08:00"),
    ],
)
def test_language_and_time_zone_complete_a_date(
    text: str, language: str | None, zone: str | None, expected: str
) -> None:
    assert parse_date(text, language=language, timezone=zone) == expected


def test_a_time_without_a_known_zone_is_cut_to_its_date() -> None:
    assert parse_date("2024-04-30T16:38") == "2024-04-30"
    assert parse_date("30.04.2024, 16:38 Uhr", language="de") == "2024-04-30"
    assert parse_date("2024-04-30T16:38", timezone="Nowhere/Atall") == "2024-04-30"


def test_the_language_decides_the_order_of_day_and_month() -> None:
    assert parse_date("04/05/2024", language="fr") == "2024-05-04"
    assert parse_date("04/05/2024", language="en-US") == "2024-04-05"
    assert parse_date("04/05/2024", language="en-GB") == "2024-05-04"
    assert parse_date("04/05/2024", language="en") is None
    assert parse_date("13/05/2024", language="en") == "2024-05-13"
    assert parse_date("05/13/2024", language="en") == "2024-05-13"


@pytest.mark.parametrize(
    "text",
    [
        "", "garbage", "12", "2024", "May 2024", "2 hours ago", "00:00:00", "0000-00-00", "2024-13-45", "2024-02-30T10:00:00Z",
        "1970-01-01T00:00:00Z", "1899-12-31", "Invalid Date", "99999999999999999999", "2024-04-3012", "T" * 5_000, "1" * 5_000, None, True,
    ],
)  # fmt: skip
def test_garbage_and_incomplete_dates_are_none(text: str | None) -> None:
    assert parse_date(text, language="en") is None


def test_dates_after_the_fetch_are_rejected() -> None:
    fetched = datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert parse_date("2024-05-01T20:00:00+09:00", latest=fetched) == "2024-05-01T20:00:00+09:00"
    assert parse_date("2024-05-02T10:00:00Z", latest=fetched) == "2024-05-02T10:00:00+00:00"
    assert parse_date("2024-05-09T10:00:00Z", latest=fetched) is None
    assert parse_date("2034-01-01", latest=fetched) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://planet.example/2024/05/03/chips", date(2024, 5, 3)),
        ("https://planet.example/tech/2024-05-03-chips.html", date(2024, 5, 3)),
        ("https://planet.example/articles/20240503/k00/00m", date(2024, 5, 3)),
        ("https://planet.example/news/detail/chips-20240503", date(2024, 5, 3)),
    ],
)
def test_a_url_path_can_contain_a_date(url: str, expected: date) -> None:
    assert next(dates_in_url(url)) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://planet.example/article/12345678",
        "https://planet.example/2024/13/45/x",
        "https://2024-05-03.example/x",
        None,
    ],
)
def test_other_numbers_in_a_url_are_no_date(url: str | None) -> None:
    assert list(dates_in_url(url)) == []
