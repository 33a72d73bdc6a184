"""Normalize the many URLs of one article for fetching, recording and comparing."""

from __future__ import annotations

import pytest

from cleaners.text.url_length import MAX_URL_LENGTH
from crawler.discovery.urls import UrlTooLongError, canonicalize, clean_url, comparison_key, registered_domain, resolve

LABEL = "v" * 63


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


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/" + "a" * MAX_URL_LENGTH,
        "https://example.com/?r=rss" + "_a" * MAX_URL_LENGTH + "!",
        "https://example.com/" + "-" * 5_000_000,
        " " * MAX_URL_LENGTH + "https://example.com/a",
        "https://example.com/" + "中" * 300,  # short as written, but not encoded
        "https://" + "v." * 2_000 + "com/",
        "x" * 10_000,
    ],
)
def test_a_url_that_is_too_long_is_named_by_its_beginning_and_leads_nowhere(url: str) -> None:
    with pytest.raises(UrlTooLongError, match="more than 2083: '") as error:
        clean_url(url)
    assert len(str(error.value)) < 300
    with pytest.raises(UrlTooLongError):
        comparison_key(url)
    assert resolve("https://example.com/", url) is None


def test_the_longest_url_is_fetched_and_recorded() -> None:
    longest = "https://example.com/".ljust(MAX_URL_LENGTH, "a")
    assert canonicalize(clean_url(longest)) == longest
    # Its canonical form would be longer than a URL may be.
    listed = "https://example.com/?q=".ljust(MAX_URL_LENGTH, "(")
    assert canonicalize(clean_url(listed)) == listed


@pytest.mark.parametrize(
    "host",
    [
        f"v{LABEL}.com", f"www.{LABEL}v.example.com", f"{LABEL}.{LABEL}.{LABEL}.{LABEL}", "v." * 126 + "example.com",
        f"ü{LABEL}.com", "a⒈.com", "a。。com", "。com", "100％.com", "a＜b.com", "a\x7fb.com", "a&b.com",
        "[fe80::1%25eth0]", "[:::a%]", "a..com", "-\ud800.com",
    ],
)  # fmt: skip
def test_a_host_that_dns_cannot_have_is_no_host(host: str) -> None:
    for function in (clean_url, canonicalize, comparison_key, registered_domain):
        with pytest.raises(ValueError, match="URL") as error:
            function(f"https://{host}/2024/05/03/a-story")
        assert len(str(error.value)) < 300
    assert resolve("https://example.com/", f"//{host}/a") is None


@pytest.mark.parametrize(
    "host", [f"{LABEL}.{LABEL}.com", "v." * 100 + "com", "a_b.example.com", "[2606:2800:220:1::1]"]
)
def test_any_other_host_has_a_registered_domain(host: str) -> None:
    url = clean_url(f"https://{host}/a")
    assert url == f"https://{host}/a"
    assert registered_domain(url) in host
