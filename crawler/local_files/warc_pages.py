"""Read the pages of other people's WARC files, such as Common Crawl's news."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cleaners.page import Page
from crawler.download.content_type import HTML_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.archive.warc_records import WarcRecord

ENDINGS = (".warc", ".warc.gz")


@dataclass(frozen=True, slots=True)
class WarcPage:
    """Hold a page of a WARC file, or why there is none where one should be. Its string form names the position."""

    name: str
    page: Page | None
    fault: str = ""

    def __str__(self) -> str:
        return self.name


def is_warc(name: str) -> bool:
    """Tell whether a file's name marks it as WARC."""
    return name.lower().endswith(ENDINGS)


def warc_pages(name: str) -> Iterator[WarcPage]:
    """Yield the pages of a WARC file: its HTML responses with status 200. Broken records are reported and skipped."""
    from crawler.archive.warc_records import BrokenRecord, read_warc  # workers, which import this file, read none

    try:
        for record in read_warc(Path(name)):
            where = f"{name}, byte {record.offset}"
            if isinstance(record, BrokenRecord):
                yield WarcPage(where, None, record.why)
            elif record.type == "response" and record.status == 200 and _is_html(record):
                yield WarcPage(where, _page(record))
    except OSError as error:
        yield WarcPage(name, None, error.strerror or str(error))


def expand_inputs(names: Iterator[str]) -> Iterator[str | WarcPage]:
    """Yield file names; in place of WARC files, their pages."""
    for name in names:
        if is_warc(name):
            yield from warc_pages(name)
        else:
            yield name


def _is_html(record: WarcRecord) -> bool:
    declared = record.headers.get("warc-identified-payload-type") or record.http_headers.get("content-type") or ""
    return declared.partition(";")[0].strip().lower() in HTML_TYPES


def _page(record: WarcRecord) -> Page:
    return Page(record.headers.get("warc-target-uri"), record.body, dict(record.http_headers), _date(record))


def _date(record: WarcRecord) -> datetime | None:
    try:
        timestamp = datetime.fromisoformat(record.headers.get("warc-date", ""))
    except ValueError:
        return None
    return timestamp if timestamp.tzinfo else None
