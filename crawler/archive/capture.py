"""Define an article's pages as a run fetched them, their metadata record, and read them back from our WARC files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from cleaners.page import Page
from crawler.archive.warc_records import BrokenRecord, WarcRecord, read_warc
from crawler.items import Continuation, FetchedPage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def read_captures(path: Path) -> Iterator[Capture | BrokenRecord]:
    """Yield the captures of a file in order. A broken record costs its own article only. Raises OSError."""
    response: WarcRecord | None = None
    pages: list[CapturedPart] = []
    for record in read_warc(path):
        if isinstance(record, BrokenRecord):
            response, pages = None, []
            yield record
        elif record.type in ("response", "revisit"):
            response = record
        elif record.type == "metadata" and response is not None and _belongs_to(record, response):
            if part := _part(response, record):
                pages = [*pages, part] if part.about["page"] == len(pages) + 1 else [part]
                if len(pages) == part.about["pages"] and pages[0].about["page"] == 1:
                    yield _capture(pages, response)
                    pages = []
            response = None


def _belongs_to(metadata: WarcRecord, response: WarcRecord) -> bool:
    return metadata.headers.get("warc-concurrent-to") == response.headers.get("warc-record-id")


def _part(response: WarcRecord, metadata: WarcRecord) -> CapturedPart | None:
    about = read_capture_metadata(metadata.body)
    url = response.headers.get("warc-target-uri")
    if not about or not url:
        return None
    return CapturedPart(url, response.status or 200, response.http_headers, response.body, about)


def _capture(pages: list[CapturedPart], last: WarcRecord) -> Capture | BrokenRecord:
    try:
        return capture_of(pages, unchanged=last.type == "revisit")
    except (KeyError, TypeError, ValueError) as error:
        return BrokenRecord(last.offset, f"what is told of the page is incomplete: {error}")


@dataclass(frozen=True, slots=True)
class Capture:
    """Hold an article's pages. `unchanged`: the bytes equal those archived last, so they are not kept twice and are empty here."""

    run: str
    fetched: FetchedPage
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class CapturedPart:
    """Hold one page of a capture: what a response record holds, and its metadata."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    about: Mapping[str, Any]


def parts_of(capture: Capture) -> list[CapturedPart]:
    """Return the pages of a capture, in order."""
    fetched = capture.fetched
    page = fetched.page
    count = 1 + len(page.more)
    common = {"run": capture.run, "requested_url": fetched.requested_url, "pages": count}
    about = {
        "page": 1,
        "site": fetched.site,
        "fetched": page.fetched_at.isoformat() if page.fetched_at else None,
        "hint_title": fetched.hint_title,
        "hint_published": fetched.hint_published,
        "rights": dict(fetched.rights),
        "revisit_of": fetched.revisit_of,
        "feed_html": page.feed_html,
    }
    first = CapturedPart(
        page.url or fetched.requested_url, fetched.status, page.headers, page.html, {**common, **about}
    )
    return [first] + [
        CapturedPart(more.url, more.status, more.headers, body, {**common, "page": number})
        for number, (more, body) in enumerate(zip(fetched.continued, page.more, strict=True), 2)
    ]


def capture_of(parts: list[CapturedPart], *, unchanged: bool) -> Capture:
    """Build a capture from all of its pages. Raises KeyError, TypeError or ValueError where a page's metadata is incomplete."""
    first, *others = parts
    about = first.about
    page = Page(
        first.url,
        first.body,
        dict(first.headers),
        datetime.fromisoformat(about["fetched"]) if about["fetched"] else None,
        tuple(other.body for other in others),
        about["feed_html"],
    )
    fetched = FetchedPage(
        page,
        about["requested_url"],
        about["site"],
        first.status,
        about["hint_title"],
        about["hint_published"],
        about["rights"],
        about["revisit_of"],
        tuple(Continuation(other.url, other.status, other.headers) for other in others),
    )
    return Capture(str(about["run"]), fetched, unchanged)


def capture_metadata(part: CapturedPart) -> bytes:
    """Return the content of a page's metadata record, as JSON."""
    return orjson.dumps(part.about)


def read_capture_metadata(data: bytes) -> dict[str, Any]:
    """Parse a metadata record; return {} for one that Winnow did not write."""
    try:
        about = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return about if isinstance(about, dict) and {"run", "page", "pages", "requested_url"} <= about.keys() else {}
