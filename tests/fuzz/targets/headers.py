"""Read the headers of a response, one a line: bounded values of text, and a page that is cleaned with them."""

from __future__ import annotations

from math import isfinite

from scrapy.http import HtmlResponse

from crawler.download.content_type import media_type
from crawler.middlewares.throttle import retry_after
from crawler.requests.response_headers import content_length, content_type, header_text
from crawler.spiders.responses import to_page
from crawler.workers.clean_task import clean_packed, unpack_result
from tests.fuzz.expectations import expect_text
from tests.fuzz.targets.page import NOW, URL, expect_document

_STORY = b"<p>The council met on Tuesday and agreed to repair the northern quay before the winter storms come.</p>" * 4
_BODY = b"<html><head><title>Quay to be repaired</title></head><body><h1>Quay to be repaired</h1>%s</body>" % _STORY


def check(data: bytes) -> None:
    headers: dict[bytes, list[bytes]] = {}
    for line in data.split(b"\n"):
        name, _, value = line.partition(b":")
        headers.setdefault(name.strip(), []).append(value.strip())
    response = HtmlResponse(URL, headers=headers, body=_BODY)
    assert 0 <= content_length(response) < 10**19
    wait = retry_after(header_text(response, "Retry-After") or "", NOW)
    assert wait is None or (isfinite(wait) and wait >= 0)
    expect_text(content_type(response))
    kind = media_type(response.headers.get("Content-Type"))
    assert kind == kind.strip().lower()
    document = unpack_result(clean_packed(to_page(response), None)).document
    expect_document(document)
    assert "The council met on Tuesday" in document.text
