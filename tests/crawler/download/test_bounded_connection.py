"""However a response goes on for ever, it is one rejection, and the crawler hangs up soon."""

from __future__ import annotations

from itertools import chain, repeat
from typing import TYPE_CHECKING

import pytest

from crawler.download.bounded_connection import MAX_HEAD_BYTES, MAX_HEAD_LINES, MAX_SMALL_CHUNKS
from tests.support.crawling import LOOPBACK, Outcome, crawl
from tests.support.raw_host import OK, PAGE, RawHost, Scripts, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = b"X-Again: " + b"a" * 1000 + b"\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
FINE: Scripts = {
    "/page": lambda: [whole()],
    "/large-policy": lambda: [whole(headers=b"Content-Security-Policy: " + b"a" * 60_000 + b"\r\n")],
    "/many-cookies": lambda: [whole(headers=b"Set-Cookie: a=b\r\n" * 400)],
    "/early-hints": lambda: [b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 3, whole()],
    "/bad-line": lambda: [whole(headers=b"no colon here\r\n")],
    "/byte-chunks": lambda: [
        CHUNKED,
        b"".join(b"1;a=b\r\n%c\r\n" % byte for byte in PAGE) * 50,
        b"0\r\nX-Sum: 1\r\n\r\n",
    ],
}
ENDLESS_HEADS: Scripts = {
    "/headers": lambda: chain([OK], repeat(HEADER)),
    "/short-headers": lambda: chain([OK], repeat(b"a:\r\n" * 1000)),
    "/folded": lambda: chain([OK, b"X-Long: a\r\n"], repeat(b" b\r\n" * 1000)),
    "/no-colon": lambda: chain([OK], repeat(b"nothing\n" * 1000)),
    "/one-header": lambda: chain([OK, b"X-Long: "], repeat(b"a" * 10_000)),
    "/status": lambda: chain([b"HTTP/1.1 200 "], repeat(b"OK" * 5000)),
    "/not-http": lambda: repeat(b"a" * 10_000),
    "/informed": lambda: repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "/hints": lambda: repeat(b"HTTP/1.1 103 Early Hints\r\n" + HEADER * 10 + b"\r\n"),
}
ENDLESS_BODIES: Scripts = {
    "/chunk-size": lambda: chain([CHUNKED], repeat(b"0" * 10_000)),
    "/chunk-extension": lambda: chain([CHUNKED, b"5;"], repeat(b"a=b;" * 1000)),
    "/trailers": lambda: chain([CHUNKED, b"5\r\n<html\r\n0\r\n"], repeat(b"X-After: a\r\n" * 100)),
    "/chunks": lambda: chain([CHUNKED], repeat(b"1000\r\n" + b"a" * 4096 + b"\r\n")),
    "/no-length": lambda: chain([OK, b"\r\n"], repeat(b"a" * 10_000)),
}
SENT_AT_MOST = 10 * 1024 * 1024 + 8 * 1024 * 1024  # DOWNLOAD_MAXSIZE, and what the sockets of both ends hold


@pytest.fixture(scope="module")
def crawled() -> Iterator[tuple[RawHost, Outcome]]:
    scripts: Scripts = {**FINE, **ENDLESS_HEADS, **ENDLESS_BODIES, "/sitemap.xml": ENDLESS_HEADS["/headers"]}
    with RawHost(scripts) as host:
        requests = [{"url": host.url(path), "info": {"kind": "article"}} for path in scripts if path != "/sitemap.xml"]
        requests.append({"url": host.url("/sitemap.xml"), "info": {"kind": "sitemap"}})
        yield host, crawl(requests, {"RETRY_TIMES": 1})


@pytest.mark.parametrize("path", FINE)
def test_unusual_responses_are_read(crawled: tuple[RawHost, Outcome], path: str) -> None:
    host, outcome = crawled
    got = outcome.results[host.url(path)]
    assert got.get("bytes") == len(PAGE) * (50 if path == "/byte-chunks" else 1), got


@pytest.mark.parametrize("path", [*ENDLESS_HEADS, "/sitemap.xml"])
def test_a_head_without_end_is_too_large_and_not_asked_for_again(crawled: tuple[RawHost, Outcome], path: str) -> None:
    host, outcome = crawled
    got = outcome.results[host.url(path)]
    assert got["reason"] == "too_large"
    assert got["detail"] in (
        f"more than {MAX_HEAD_BYTES:,} bytes of headers",
        f"more than {MAX_HEAD_LINES} lines of headers",
    )
    assert host.asked[path] == 1
    assert host.sent[path] < SENT_AT_MOST


@pytest.mark.parametrize("path", ENDLESS_BODIES)
def test_a_body_without_end_is_rejected(crawled: tuple[RawHost, Outcome], path: str) -> None:
    host, outcome = crawled
    got = outcome.results[host.url(path)]
    assert got["reason"] == ("too_large" if path in ("/chunks", "/no-length") else "ResponseDataLossError"), got
    assert host.sent[path] < SENT_AT_MOST * host.asked[path]


def test_chunks_of_a_byte_are_read_up_to_a_number() -> None:
    tiny = b"1\r\n<\r\n"
    scripts = {
        "/few": lambda: [CHUNKED, tiny * MAX_SMALL_CHUNKS, b"0\r\n\r\n"],
        "/many": lambda: [CHUNKED, tiny * (MAX_SMALL_CHUNKS + 1), b"0\r\n\r\n"],
        "/larger": lambda: [CHUNKED, (b"20\r\n" + b"a" * 32 + b"\r\n") * 3 * MAX_SMALL_CHUNKS, b"0\r\n\r\n"],
    }
    with RawHost(scripts) as host:
        urls = {path: host.url(path, name) for path, name in zip(scripts, LOOPBACK, strict=False)}
        results = crawl(list(urls.values())).results
    assert results[urls["/few"]]["bytes"] == MAX_SMALL_CHUNKS
    assert results[urls["/larger"]]["bytes"] == 96 * MAX_SMALL_CHUNKS
    assert results[urls["/many"]]["detail"] == "comes in chunks of 1 bytes, less than 16"
    assert host.asked["/many"] == 1


def test_a_robots_txt_without_end_of_headers_forbids_its_host_alone() -> None:
    with RawHost({"/robots.txt": ENDLESS_HEADS["/headers"]}) as hostile, RawHost({"/page": lambda: [whole()]}) as good:
        urls = [hostile.url("/page"), good.url("/page", LOOPBACK[1])]
        outcome = crawl(urls, {"RETRY_TIMES": 1})
    assert "more than" in outcome.results[urls[0]]["detail"]
    assert outcome.results[urls[1]]["status"] == 200
    assert hostile.asked["/page"] == 0


def test_no_connection_is_read_after_its_response_has_ended() -> None:
    scripts = {
        "/garbage": lambda: chain([whole()], repeat(b"a" * 10_000)),
        "/closes": lambda: chain([whole(headers=b"Connection: close\r\n")], repeat(b"a" * 10_000)),
    }
    with RawHost(scripts) as host:
        urls = [host.url("/garbage"), host.url("/closes", LOOPBACK[1])]
        outcome = crawl(urls)
        assert [outcome.results[url]["bytes"] for url in urls] == [len(PAGE)] * 2
        assert all(host.sent[path] < SENT_AT_MOST for path in scripts)
