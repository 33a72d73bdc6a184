"""Find the second page of an article, whose URL is the first line: none, or one on the same host with that number."""

from __future__ import annotations

from urllib.parse import urlsplit

from crawler.discovery.pagination import find_next_page, page_number
from crawler.discovery.urls import clean_url
from tests.fuzz.expectations import expect_clean_url, first_line


def check(data: bytes) -> None:
    line, body = first_line(data)
    try:
        url = clean_url(line)
    except ValueError:
        return
    found = find_next_page(body, "text/html; charset=utf-8", url, url, 1)
    if found is not None:
        expect_clean_url(found)
        assert urlsplit(found).netloc == urlsplit(url).netloc
        assert page_number(found, url) == 2
