"""Clean a URL, and a link after it on a page with this URL: refused in one line, or a form that stays as it is."""

from __future__ import annotations

from math import isfinite
from urllib.parse import urlsplit

from crawler.discovery.url_score import is_clearly_no_article, url_score
from crawler.discovery.urls import canonicalize, clean_url, comparison_key, registered_domain, resolve
from tests.fuzz.expectations import expect_canonical_url, expect_clean_url, expect_line, first_line


def check(data: bytes) -> None:
    line, rest = first_line(data)
    link = rest.decode("utf-8", "surrogateescape")  # with halves of surrogate pairs, as JSON may have them
    for url in (line, link):
        _expect_cleaned(url)
    if (target := resolve(line, link)) is not None:
        expect_clean_url(target)


def _expect_cleaned(url: str) -> None:
    try:
        cleaned = clean_url(url)
    except ValueError as error:
        expect_line(str(error), longest=400)
        return
    expect_clean_url(cleaned)
    canonical = canonicalize(url)
    expect_canonical_url(canonical)
    assert comparison_key(canonical) == comparison_key(url)
    domain, host = registered_domain(url), urlsplit(cleaned).hostname or ""
    assert domain == registered_domain(canonical)
    assert f".{host}".endswith(f".{domain}") or ":" in host
    assert isfinite(url_score(cleaned))
    assert is_clearly_no_article(cleaned) or not is_clearly_no_article(cleaned, offered_as_news=True)
