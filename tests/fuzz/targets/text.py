"""Clean a text: lines of the text, and nothing else."""

from __future__ import annotations

from cleaners import clean_text
from cleaners.text.sanitize import sanitize
from crawler.local_files.inputs import decode_text
from tests.fuzz.targets.page import expect_document


def check(data: bytes) -> None:
    text = decode_text(data)
    document = clean_text(text)
    expect_document(document)
    lines = {line.strip() for line in sanitize(text).splitlines()}
    assert lines.issuperset(document.text.splitlines())
