"""Check what must hold of all that leaves a parser, whatever went in."""

from __future__ import annotations

import pickle
import re
from typing import TYPE_CHECKING, TypeVar

from cleaners.text.url_length import MAX_URL_LENGTH
from crawler.discovery.base import MAX_CHILDREN
from crawler.discovery.read_source import (
    MAX_CANDIDATES,
    MAX_FEED_HTML,
    MAX_PROBLEM_LENGTH,
    MAX_PROBLEMS,
    MAX_TITLE,
)
from crawler.discovery.urls import canonicalize, clean_url

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.discovery.read_source import SourceReading

_T = TypeVar("_T")

# Control characters but white space, and halves of surrogate pairs, which cannot be encoded.
_NO_TEXT = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def first_line(data: bytes) -> tuple[str, bytes]:
    """Split an input into its first line and the rest."""
    line, _, rest = data.partition(b"\n")
    return line.decode("utf-8", "replace"), rest


def expect_text(*values: str | None) -> None:
    """Expect text that can be shown, stored and encoded."""
    for value in values:
        assert value is None or not _NO_TEXT.search(value), f"holds what is no text: {value[:200]!r}"


def expect_line(*values: str, begins: str = "", longest: int | None = None) -> None:
    """Expect text that fits on one line of a log or a terminal."""
    for value in values:
        expect_text(value)
        assert len(value.splitlines()) == 1, f"not one line: {value[:200]!r}"
        assert value.startswith(begins), f"does not begin with {begins!r}: {value[:200]!r}"
        assert longest is None or len(value) <= longest, f"a line of {len(value)} characters"


def expect_short_url(url: str) -> None:
    """Expect a URL that a source may have: clean but for its parameters."""
    assert len(url) <= MAX_URL_LENGTH, f"a URL of {len(url)} characters"
    expect_line(url)
    clean_url(url)


def expect_clean_url(url: str) -> None:
    """Expect a URL in the form in which it is fetched."""
    expect_short_url(url)
    assert url.isascii(), f"not ASCII: {url!r}"
    assert clean_url(url) == url, f"cleaned again, {url!r} becomes {clean_url(url)!r}"


def expect_canonical_url(url: str) -> None:
    """Expect a URL in the form in which it is recorded, which leaves some characters as they are: `|`."""
    expect_short_url(url)
    assert canonicalize(url) == url, f"made canonical again, {url!r} becomes {canonicalize(url)!r}"


def expect_timestamp(timestamp: datetime | None) -> None:
    """Expect a time that can be compared, shifted and formatted."""
    if timestamp is not None:
        assert timestamp.utcoffset() is not None
        assert 1970 < timestamp.year < 2200
        assert timestamp.astimezone(None) == timestamp


def expect_pickles(value: _T) -> _T:
    """Expect a value that arrives from a worker as it was, and return what arrives."""
    arrived: _T = pickle.loads(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
    assert arrived == value
    return arrived


def expect_reading(reading: SourceReading) -> None:
    """Expect a source's reading to be bounded, and each of its candidates to be one that a crawl can ask for and show."""
    reading = expect_pickles(reading)
    candidates = [candidate for chunk in reading.unpack() for candidate in chunk]
    assert len(candidates) == reading.listed <= min(reading.entries, MAX_CANDIDATES)
    for found in candidates:
        if not found.overlong:
            expect_clean_url(found.url)
        expect_text(found.title, found.feed_html)
        expect_timestamp(found.published)
        expect_timestamp(found.modified)
        assert found.title is None or 0 < len(found.title) <= MAX_TITLE
        assert len(found.feed_html or "") <= MAX_FEED_HTML
    assert len(reading.children) <= MAX_CHILDREN
    for url in reading.children:
        expect_clean_url(url)
    assert len(reading.problems) <= MAX_PROBLEMS + 1
    for problem in reading.problems:
        expect_line(problem)
        assert len(problem) <= MAX_PROBLEM_LENGTH
