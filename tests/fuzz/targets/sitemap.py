"""Read a sitemap, as it is and gzipped: the same bounded list of candidates and children, whatever the bytes."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

from crawler.discovery.base import Fetched
from crawler.discovery.read_source import ReadingRules, SourceReading, read_source
from crawler.discovery.source_kinds.sitemap_kind import KIND
from crawler.sites.site_scope import DomainScope
from tests.fuzz.expectations import expect_reading

_RULES = ReadingRules(since=datetime(2025, 1, 1, tzinfo=UTC), limit=30)


def check(data: bytes) -> None:
    reading = _read(data)
    expect_reading(reading)
    if data and not data.startswith(b"\x1f\x8b"):  # of which two layers are read at most
        assert _read(gzip.compress(data, 1)) == reading


def _read(body: bytes) -> SourceReading:
    page = Fetched("https://example.com/sitemap.xml", body)
    reading = read_source(KIND, page, DomainScope(("example.com",)), _RULES)
    assert reading is not None
    return reading
