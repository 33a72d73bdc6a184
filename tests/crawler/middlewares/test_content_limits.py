"""A response must be HTML from the site's own domain, and not too large."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from crawler.discovery.urls import is_host_under
from crawler.download.content_type import describe_binary, looks_like_html
from crawler.middlewares.decompress import gunzip
from tests.support.crawling import LOOPBACK, Answer, Hosts, Outcome, crawl

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = b"<!DOCTYPE html>\n<html><head><title>A page</title></head><body><p>Text.</p></body></html>"


@pytest.mark.parametrize(
    "body",
    [
        PAGE,
        b"\xef\xbb\xbf\r\n\t" + PAGE,
        b"<?xml version='1.0'?>\n<!-- by a tool -->\n<html xmlns='http://www.w3.org/1999/xhtml'>",
        b"<!-- " + b"long " * 500 + b"-->" + PAGE,
        b"<p>No head at all",
        b"<article class=x>",
        PAGE.decode().encode("utf-16"),
        PAGE.decode().encode("utf-16-be"),
    ],
)
def test_html_is_recognized_by_its_first_bytes(body: bytes) -> None:
    assert looks_like_html(body)
    assert describe_binary(body) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Plain text, <p>here</p>",
        b'{"html": "<html>"}',
        b"<?xml version='1.0'?><rss version='2.0'>",
        b"<pre2>",
        b"%PDF-1.7",
    ],
)
def test_other_first_bytes_are_not_html(body: bytes) -> None:
    assert not looks_like_html(body)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"%PDF-1.7 ...", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"PK\x03\x04rest", "a zip archive"),
        (bytes(range(256)) * 9, "binary data"),
        ("Grüße, 世界".encode(), None),
        ("Grüße".encode("latin-1"), None),
        ("世界のニュース".encode("shift_jis"), None),
        ("世界のニュース".encode("iso2022_jp"), None),
        ("世界".encode("utf-16"), None),
        (PAGE + b"\0" * 400, None),
    ],
)
def test_binary_data_is_distinguished_from_text_in_any_encoding(body: bytes, name: str | None) -> None:
    assert describe_binary(body) == name


def test_a_domain_takes_its_subdomains_along_and_nothing_that_only_ends_alike() -> None:
    assert is_host_under("www.Heise.de.", ("heise.de",))
    assert is_host_under("heise.de", ("golem.de", "heise.de"))
    assert not is_host_under("notheise.de", ("heise.de",))
    assert not is_host_under("heise.de.evil.example", ("heise.de",))


SITE, TRACKER, ELSEWHERE = LOOPBACK[:3]
BOMB = gzip.compress(b"<html>" + b"\0" * 30_000_000)
LYING_BOMB = BOMB[:-4] + (2_000).to_bytes(4, "little")  # it says that it grows to 2,000 bytes


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (gzip.compress(PAGE), PAGE),
        (gzip.compress(b""), b""),
        (gzip.compress(PAGE)[:-9], None),
        (gzip.compress(PAGE) + gzip.compress(PAGE), None),
        (gzip.compress(PAGE) + b"\0" * 8, None),
        (gzip.compress(PAGE)[:-4] + b"\xff\0\0\0", None),
        (BOMB, None),
        (LYING_BOMB, None),
        (PAGE, None),
        (b"\x1f\x8b", None),
    ],
    ids=["page", "empty", "cut", "two members", "padded", "wrong size", "bomb", "lying bomb", "plain", "two bytes"],
)
def test_only_a_regular_gzip_file_is_unpacked_directly(data: bytes, content: bytes | None) -> None:
    assert gunzip(data, max_bytes=1_000_000) == content


HTML = {"Content-Type": "text/html"}


def typed(kind: str, body: bytes = PAGE, **more: str) -> Answer:
    return Answer(body, headers={"Content-Type": kind} | {name.replace("_", "-"): v for name, v in more.items()})


ANSWERS = {
    "/page": typed("text/html; charset=utf-8"),
    "/xhtml": typed("application/xhtml+xml"),
    "/plain": typed("text/plain"),
    "/octets": typed("application/octet-stream"),
    "/untyped": Answer(PAGE, headers={}),
    "/called-gzip": typed("text/html", Content_Encoding="gzip"),
    "/gzip": typed("text/html", gzip.compress(PAGE), Content_Encoding="gzip"),
    "/json": typed("application/json", b'{"a": "<html>"}'),
    "/text": typed("text/plain", b"Just text."),
    "/empty": typed("text/html", b""),
    "/empty-gzip": typed("text/html", b"", Content_Encoding="gzip"),
    "/noise": typed("text/html", bytes(range(256)) * 9),
    "/pdf-as-html": typed("text/html", b"%PDF-1.7"),
    "/pdf": Answer(b"%PDF-1.7" + b"x" * 1000, headers={"Content-Type": "application/pdf"}, length=9_000_000),
    "/video": typed("video/mp4", b"\0" * 1000),
    "/declared": Answer(PAGE, length=12_000_000),
    "/grows": Answer(b"<html>" + b" " * 12_000_000, length=-1),
    "/bomb": typed("text/html", BOMB, Content_Encoding="gzip"),
    "/lying-bomb": typed("text/html", LYING_BOMB, Content_Encoding="gzip"),
    "/broken-gzip": typed("text/html", b"\x00\x01\x02" * 99, Content_Encoding="gzip"),
    "/gone": Answer(b"<html>gone", 404, HTML),
    "/feed": typed("application/rss+xml", b"<rss>" + b" " * 12_000_000),
    "/feed-image": typed("image/png", b"\x89PNG\r\n"),
    f"{TRACKER}/click": Answer(b"", 302, {"Location": f"http://{SITE}:{{port}}/page"}),
    f"{TRACKER}/out": Answer(b"", 301, {"Location": f"http://{ELSEWHERE}:{{port}}/page"}),
    f"{TRACKER}/refresh": typed("text/html", b'<meta http-equiv=refresh content="0; url=/click">'),
    "/reloads": typed("text/html", PAGE + b'<meta http-equiv=refresh content="60; url=/reloads">'),
    "/round": Answer(b"", 302, {"Location": "/round"}),
    "/to-a-long-url": Answer(b"", 302, {"Location": "/page?" + "a" * 5_000}),
    "/to-a-long-label": Answer(b"", 302, {"Location": f"http://{'v' * 64}.example/page"}),
    "/refreshes-to-a-long-url": typed(
        "text/html", b'<meta http-equiv=refresh content="0; url=/' + b"_a" * 1_200 + b'!">'
    ),
    "/many-tags": typed("text/html", PAGE + b"<meta http-equiv" * 1_000),
}


@pytest.fixture(scope="module")
def crawled() -> Iterator[tuple[Hosts, Outcome]]:
    with Hosts(ANSWERS) as hosts:
        requests = []
        for path in ANSWERS:
            host, _, path = path.rpartition("/")
            kind = "feed" if path.startswith("feed") else "article"
            info = {"kind": kind, "domains": [SITE]}
            requests.append({"url": hosts.url("/" + path, host or SITE), "info": info})
        yield hosts, crawl(requests)


def result(crawled: tuple[Hosts, Outcome], path: str, host: str = SITE) -> dict[str, object]:
    hosts, outcome = crawled
    return outcome.results[hosts.url(path, host)]


@pytest.mark.parametrize(
    "path", ["/page", "/xhtml", "/plain", "/octets", "/untyped", "/called-gzip", "/gzip", "/reloads"]
)
def test_html_is_accepted_whatever_its_content_type_says(crawled: tuple[Hosts, Outcome], path: str) -> None:
    got = result(crawled, path)
    assert (got.get("reason"), got.get("type")) == (None, "HtmlResponse")
    assert got["bytes"] >= len(PAGE)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/json", "application/json"),
        ("/text", "does not open as HTML"),
        ("/empty", "an empty body"),
        ("/empty-gzip", "an empty body"),
        ("/noise", "binary data"),
        ("/pdf-as-html", "a PDF"),
        ("/pdf", "application/pdf"),
        ("/video", "video/mp4"),
        ("/feed-image", "image/png"),
    ],
)
def test_other_content_is_rejected_and_named(crawled: tuple[Hosts, Outcome], path: str, detail: str) -> None:
    got = result(crawled, path)
    assert got["reason"] == "not_html"
    assert detail in str(got["detail"])


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/declared", "12,000,000 bytes"),
        ("/grows", "more than 10,485,760"),
        ("/bomb", "when decompressed"),
        ("/lying-bomb", "when decompressed"),
    ],
)
def test_a_response_that_is_too_large_is_rejected_with_its_size(
    crawled: tuple[Hosts, Outcome], path: str, detail: str
) -> None:
    got = result(crawled, path)
    assert got["reason"] == "too_large"
    assert detail in str(got["detail"])


def test_a_feed_may_be_larger_than_a_page(crawled: tuple[Hosts, Outcome]) -> None:
    assert result(crawled, "/feed")["bytes"] == 12_000_005


def test_corrupt_compressed_data_is_a_failed_download(crawled: tuple[Hosts, Outcome]) -> None:
    assert result(crawled, "/broken-gzip")["reason"] == "download_failed"


def test_error_statuses_keep_their_own_error(crawled: tuple[Hosts, Outcome]) -> None:
    got = result(crawled, "/gone")
    assert (got["reason"], got["status"]) == ("HttpError", 404)


@pytest.mark.parametrize("path", ["/click", "/refresh"])
def test_a_redirector_that_ends_on_the_site_is_followed(crawled: tuple[Hosts, Outcome], path: str) -> None:
    assert result(crawled, path, TRACKER)["url"] == crawled[0].url("/page")


def test_a_redirector_that_ends_elsewhere_is_rejected_with_the_final_url(crawled: tuple[Hosts, Outcome]) -> None:
    got = result(crawled, "/out", TRACKER)
    assert (got["reason"], got["detail"]) == ("redirected_off_site", f"ends at {crawled[0].url('/page', ELSEWHERE)}")


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/to-a-long-url", "leads to a URL of 50"),
        ("/to-a-long-label", "leads to URL without a valid host: 'http://vvv"),
        ("/refreshes-to-a-long-url", "leads to a URL of 24"),
    ],
)
def test_a_redirect_to_what_is_no_usable_url_is_rejected_under_the_url_that_was_asked_for(
    crawled: tuple[Hosts, Outcome], path: str, detail: str
) -> None:
    got = result(crawled, path)
    assert got["reason"] == "redirected_off_site"
    assert str(got["detail"]).startswith(detail)
    assert len(str(got["detail"])) < 300


def test_a_page_of_unfinished_tags_is_a_page(crawled: tuple[Hosts, Outcome]) -> None:
    assert result(crawled, "/many-tags")["type"] == "HtmlResponse"


def test_a_redirect_loop_ends(crawled: tuple[Hosts, Outcome]) -> None:
    assert result(crawled, "/round")["detail"] == "max redirections reached"
    assert crawled[0].paths().count("/round") == 7
