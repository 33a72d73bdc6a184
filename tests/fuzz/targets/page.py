"""Clean a page, after a line with its Content-Type: a document of text alone, and a record that can be written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson

from cleaners.page import Page
from cleaners.rejection import RejectReason
from crawler.pipelines.document_record import RecordOrigin, to_record
from crawler.workers.clean_task import clean_packed, unpack_result
from output.records.article import Reject
from tests.fuzz.expectations import expect_canonical_url, expect_text, first_line

if TYPE_CHECKING:
    from cleaners.document import Document

URL = "https://example.com/2026/03/quay-to-be-repaired"
NOW = datetime(2026, 3, 14, 9, tzinfo=UTC)


def check(data: bytes) -> None:
    content_type, body = first_line(data)
    headers = {"content-type": content_type} if content_type else {}
    expect_document(unpack_result(clean_packed(Page(URL, body, headers, NOW), None)).document)


def expect_document(document: Document) -> None:
    """Expect a document of text alone, in which nothing has to be left out of its record."""
    expect_text(document.text, *(block.text for block in document.blocks))
    expect_text(document.title, document.description, document.section, document.source_name, document.image)
    expect_text(*document.authors, *document.tags, *document.origins.values())
    expect_text(*(value for places in document.rights.values() for value in places.values()))
    record = to_record(document, RecordOrigin("a-run", NOW, URL, URL))
    orjson.dumps(record.model_dump(mode="json"))
    if isinstance(record, Reject):
        assert record.reason is not RejectReason.CLEANING_CRASH, record.detail
    else:
        for name in ("published", "modified", "language", "image", "rights"):
            assert getattr(record, name) == getattr(document, name), f"{name} is not valid: {getattr(document, name)!r}"
        expect_canonical_url(record.canonical_url or URL)
