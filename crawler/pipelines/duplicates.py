"""What becomes of an article whose text there is already: turned away, marked, or left out, as NEAR_DUPLICATES says."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from cleaners.rejection import RejectReason
from crawler.extensions.run_state import RunState
from crawler.records import Origin, to_reject
from crawler.state_settings import DROP, near_duplicates
from output.article import Article, Reject
from output.duplicates import Duplicate, DuplicateFinder


class DuplicateCheck:
    """Looks at each new article once.

    The same text at the same outlet is the same article under two URLs: a reject. Nearly the same text, or the same at
    another outlet (a wire story), is a record that names the earlier one; with `drop`, it is a reject too.
    """

    def __init__(self, finder: DuplicateFinder, *, drop: bool):
        self._finder, self._drop = finder, drop

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        held = crawler.get_extension(RunState)
        return cls(DuplicateFinder(held.state if held else None), drop=near_duplicates(crawler.settings) == DROP)

    def check(self, record: Article, signature: bytes, origin: Origin) -> Article | Reject:
        """The article, marked where it repeats another one, or its reject; `signature` is that of its text."""
        same = self._finder.same_text(record)
        if same is not None and same.source == record.source:
            return to_reject(RejectReason.DUPLICATE, f"the same text as {same.url or same.id}", origin)
        found = same or self._finder.near(record, signature)
        if found is not None and self._drop:
            detail = f"{found.similarity:.0%} the text of {found.url or found.id}"
            return to_reject(RejectReason.DUPLICATE, detail, origin)
        return self._written(record, signature, found)

    def mark(self, record: Article, signature: bytes) -> Article:
        """The article, marked where it repeats another one."""
        return self._written(record, signature, self._finder.near(record, signature))

    def _written(self, record: Article, signature: bytes, found: Duplicate | None) -> Article:
        if found is not None:
            record = record.model_copy(update={"duplicate_of": found.id, "similarity": found.similarity})
        self._finder.add(record, signature)
        return record
