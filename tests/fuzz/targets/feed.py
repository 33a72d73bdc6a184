"""Read a feed, after a line with its Content-Type: a bounded list of candidates, whatever the bytes."""

from __future__ import annotations

from crawler.discovery.base import Fetched
from crawler.discovery.read_source import ReadingRules, read_source
from crawler.discovery.source_kinds.feed_kind import KIND
from crawler.sites.site_scope import DomainScope
from tests.fuzz.expectations import expect_reading, first_line


def check(data: bytes) -> None:
    content_type, body = first_line(data)
    page = Fetched("https://example.com/feed", body, content_type or None)
    reading = read_source(KIND, page, DomainScope(("example.com",)), ReadingRules())
    assert reading is not None
    expect_reading(reading)
