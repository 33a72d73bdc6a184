"""Read a WARC file, as it is and gzipped: whole pages, and one line for each record that is broken."""

from __future__ import annotations

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.local_files.warc_pages import WarcPage, warc_pages
from tests.fuzz.expectations import expect_line, expect_pickles


def check(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        for name, content in (("a.warc", data), ("a.warc.gz", gzip.compress(data, 1))):
            file = Path(folder, name)
            file.write_bytes(content)
            for found in warc_pages(str(file)):
                _expect_page(found, len(data))


def _expect_page(found: WarcPage, size: int) -> None:
    expect_pickles(found)
    if found.page is None:
        expect_line(found.fault)
        return
    assert len(found.page.html) <= 2000 * size
    assert found.page.fetched_at is None or found.page.fetched_at.tzinfo is not None
