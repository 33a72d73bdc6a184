"""Headers are read as text, whatever bytes they have."""

from __future__ import annotations

import pytest
from scrapy.http import Response

from crawler.requests.response_headers import all_headers, content_length, header_text


@pytest.mark.parametrize(
    ("value", "length"),
    [
        (b"120", 120),
        (b" 7 ", 7),
        (b"", 0),
        (b"-1", 0),
        (b"1e9", 0),
        (b"\xb2", 0),
        (b"\xff\x00", 0),
        (b"9" * 5000, 0),
        (b"1, 1", 0),
    ],
)
def test_content_length_is_a_number_of_bytes_or_nothing(value: bytes, length: int) -> None:
    assert content_length(Response("https://news.example/", headers={"Content-Length": value})) == length


def test_a_long_header_is_read_in_part() -> None:
    response = Response("https://news.example/", headers={"ETag": b"\xe9" * 1_000_000})
    assert header_text(response, "etag") == "é" * 4096
    assert header_text(response, "Last-Modified") is None


def test_headers_with_bytes_that_are_no_utf_8_are_read_with_all_others() -> None:
    headers = {b"Content-Type": b"text/html", b"\xc2-Note": b"x", b"X-Caf\xc3\xa9": b"Br\xfccke", b"Vary": [b"a", b"b"]}
    read = all_headers(Response("https://news.example/", headers=headers))
    assert read == {"content-type": "text/html", "\ufffd-note": "x", "x-café": "Br\ufffdcke", "vary": "a,b"}
