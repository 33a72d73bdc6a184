"""Tell which of a record's rights signals reserve its page from machines."""

from __future__ import annotations

import pytest

from output.records.rights import reservations


@pytest.mark.parametrize(
    ("signal", "where", "value"),
    [
        ("robots_ai", "robots.txt", ["GPTBot", "CCBot"]),
        ("tdm_reservation", "tdmrep.json", "1"),
        ("content_usage", "header", "train-ai=n"),
        ("content_usage", "robots.txt", "search=y, train-ai = ?0"),
        ("content_usage", "robots.txt", "tdm=n"),
        ("content_signal", "robots.txt", "search=yes,ai-train=no"),
        ("content_signal", "header", "ai-input=no"),
        ("noai", "meta", "true"),
        ("noml", "header", "true"),
        ("noindex", "header", "true"),
        ("gptbot", "meta", "noindex, nofollow"),
    ],
)
def test_one_signal_reserves_a_page(signal: str, where: str, value: str | list[str]) -> None:
    (words,) = reservations({"robots": {"meta": "index"}, signal: {where: value}})
    assert words == f"{signal} in {where}: {', '.join(value) if isinstance(value, list) else value}"


@pytest.mark.parametrize(
    ("signal", "value"),
    [
        ("tdm_reservation", "0"),
        ("tdm_policy", "https://example.com/policy.json"),
        ("content_usage", "train-ai=y, search=n"),
        ("content_signal", "search=no, ai-train=yes"),
        ("noimageai", "true"),  # of images alone
        ("robots", "noarchive, max-snippet:-1"),
        ("gptbot", "index, follow"),
        ("license", "https://creativecommons.org/licenses/by/4.0/"),
    ],
)
def test_other_signals_do_not(signal: str, value: str) -> None:
    assert reservations({signal: {"header": value}}) == []


def test_the_stricter_of_two_counts() -> None:
    said = {"tdm_reservation": {"meta": "0", "header": "1"}}
    assert reservations(said) == ["tdm_reservation in header: 1"]
