"""Read a start page, after a line with its Content-Type: bounded lists of sources, sections and articles."""

from __future__ import annotations

from crawler.discovery.autodiscovery import MAX_FEEDS
from crawler.discovery.base import Fetched
from crawler.discovery.read_source import ReadingRules
from crawler.discovery.read_start_page import read_start_page
from crawler.discovery.sections import MAX_SECTIONS
from crawler.discovery.urls import registered_domain
from crawler.sites.site_scope import DomainScope
from tests.fuzz.expectations import expect_clean_url, expect_pickles, expect_reading, expect_short_url, first_line


def check(data: bytes) -> None:
    content_type, body = first_line(data)
    page = Fetched("https://example.com/", body, content_type or None)
    found = expect_pickles(read_start_page(page, DomainScope(("example.com",)), ReadingRules()))
    assert max(len(found.feeds), len(found.linked_feeds)) <= MAX_FEEDS
    for url in (*found.feeds, *found.linked_feeds):
        expect_short_url(url)
    assert len(found.sections) <= MAX_SECTIONS
    for url in found.sections:
        expect_clean_url(url)
        assert registered_domain(url) == "example.com"
    expect_reading(found.articles)
