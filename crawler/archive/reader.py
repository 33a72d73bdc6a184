"""WARC files of ours back to captures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from crawler.archive.capture import Capture, Part, capture_of, from_metadata
from crawler.archive.records import Broken, WarcRecord, read_warc


def read_captures(path: Path) -> Iterator[Capture | Broken]:
    """The captures of a file, in order. A record that is broken costs its article and no other. Raises OSError."""
    response: WarcRecord | None = None
    pages: list[Part] = []
    for record in read_warc(path):
        if isinstance(record, Broken):
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


def _part(response: WarcRecord, metadata: WarcRecord) -> Part | None:
    about = from_metadata(metadata.body)
    url = response.headers.get("warc-target-uri")
    if not about or not url:
        return None
    return Part(url, response.status or 200, response.http_headers, response.body, about)


def _capture(pages: list[Part], last: WarcRecord) -> Capture | Broken:
    try:
        return capture_of(pages, unchanged=last.type == "revisit")
    except (KeyError, TypeError, ValueError) as error:
        return Broken(last.offset, f"what is told of the page is incomplete: {error}")
