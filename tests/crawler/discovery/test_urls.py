"""Normalize the many URLs of one article for fetching, recording and comparing."""

from __future__ import annotations

import pytest

from crawler.discovery.urls import canonicalize, clean_url, comparison_key, registered_domain


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        ("HTTPS://WWW.Example.COM:443/A/b?utm_source=x&utm_medium=y#top", "https://www.example.com/A/b"),
        ("http://example.com:80", "http://example.com/"),
        ("http://example.com:8080/a", "http://example.com:8080/a"),
        ("https://example.com/a?ref=rss", "https://example.com/a"),
        ("https://example.com/a?r=rss&fbclid=IwAR0&gclid=1", "https://example.com/a"),
        ("https://example.com/a?maca=de-rss-all&dicbo=v2-1&ico=mosaic", "https://example.com/a"),
        ("https://example.com/story?id=4711&utm_campaign=z", "https://example.com/story?id=4711"),
        ("https://example.com/?p=12", "https://example.com/?p=12"),
        ("https://example.com/a?storyid=9&cid=1234567", "https://example.com/a?storyid=9&cid=1234567"),
        ("https://example.com/a?cid=sm_fb_ma", "https://example.com/a"),
        ("https://example.com/a?galleryid=7&seite=all", "https://example.com/a?galleryid=7&seite=all"),
        ("https://example.com/z?b=2&a=1", "https://example.com/z?b=2&a=1"),
        ("https://example.com/z?artikel", "https://example.com/z?artikel"),
        ("https://bücher.example/ä ö?q=ü", "https://xn--bcher-kva.example/%C3%A4%20%C3%B6?q=%C3%BC"),
        ("https://example.com/%e4%b8%ad", "https://example.com/%e4%b8%ad"),
    ],
)
def test_the_url_fetched_loses_what_no_server_needs_and_nothing_else(url: str, fetched: str) -> None:
    assert clean_url(url) == fetched


def test_canonical_urls_agree_on_order_and_encoding() -> None:
    assert canonicalize("https://example.com/z?b=2&a=1#x") == canonicalize("https://example.com/z?a=1&b=2")
    assert canonicalize("https://example.com/caf%c3%a9") == canonicalize("https://example.com/café")
    assert canonicalize(canonicalize("https://example.com/a%20b?x=%7e")) == canonicalize("https://example.com/a b?x=~")


@pytest.mark.parametrize(
    "variant",
    [
        "http://example.com/2024/05/a-story",
        "https://www.example.com/2024/05/a-story/",
        "https://m.example.com/2024/05/a-story",
        "https://amp.example.com/2024/05/a-story",
        "https://example.com/2024/05/a-story/amp/",
        "https://example.com/amp/2024/05/a-story",
        "https://example.com/2024/05/a-story?amp=1",
        "https://example.com/2024/05/a-story?outputType=amp",
        "https://example.com/2024/05/a-story/print/",
        "https://example.com/2024/05/a-story?print=true&utm_source=mail#comments",
    ],
)
def test_variants_of_one_article_compare_equal(variant: str) -> None:
    assert comparison_key(variant) == comparison_key("https://www.example.com/2024/05/a-story")


@pytest.mark.parametrize(
    "other",
    [
        "https://example.com/2024/05/a-story-2",
        "https://example.com/2024/05/a-story?id=2",
        "https://news.example.com/2024/05/a-story",
        "https://example.com/2024/05/A-story",
        "https://example.com/print-is-not-dead/a-story",
    ],
)
def test_different_articles_stay_different(other: str) -> None:
    assert comparison_key(other) != comparison_key("https://example.com/2024/05/a-story")


@pytest.mark.parametrize(
    "url",
    ["mailto:a@example.com", "javascript:void(0)", "ftp://example.com/x", "https:///x", "/relative", "", "http://a b/",
     "http://example.com:99999/", "http://[::1/", "data:text/html,x", "https://..com/"],
)  # fmt: skip
def test_what_cannot_be_fetched_is_an_error_that_names_it(url: str) -> None:
    for function in (clean_url, canonicalize, comparison_key, registered_domain):
        with pytest.raises(ValueError, match="URL") as error:
            function(url)
        assert repr(url) in str(error.value)


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.bbc.co.uk/news", "bbc.co.uk"),
        ("https://de.euronews.com/x", "euronews.com"),
        ("http://127.0.0.1:8080/x", "127.0.0.1"),
        ("http://[::1]:8080/x", "::1"),
        ("http://localhost/x", "localhost"),
        ("https://newsroom.example/x", "newsroom.example"),
        ("https://one.blogspot.com/x", "one.blogspot.com"),
        ("https://www.Bücher.de./x", "xn--bcher-kva.de"),
    ],
)
def test_registered_domain(url: str, domain: str) -> None:
    assert registered_domain(url) == domain
