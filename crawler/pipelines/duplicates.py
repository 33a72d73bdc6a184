"""What becomes of an article whose text there is already: turned away, marked, or left out, as NEAR_DUPLICATES says."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from crawler.extensions.run_state import RunState
from crawler.records import Origin, to_reject
from crawler.state_settings import DROP, near_duplicates
from output.article import Article, Reject, RejectReason
from output.duplicates import Duplicate, DuplicateFinder
from output.minhash import signature


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

    def check(self, record: Article, origin: Origin) -> tuple[Article | Reject, bytes | None]:
        """The article, marked where it repeats another one, and its signature; or its reject."""
        same = self._finder.same_text(record)
        if same is not None and same.source == record.source:
            return to_reject(RejectReason.DUPLICATE, f"the same text as {same.url or same.id}", origin), None
        found, hashes = self._find(record, same)
        if found is not None and self._drop:
            detail = f"{found.similarity:.0%} the text of {found.url or found.id}"
            return to_reject(RejectReason.DUPLICATE, detail, origin), None
        return self._written(record, found, hashes)

    def mark(self, record: Article) -> tuple[Article, bytes]:
        """The article, marked where it repeats another one, and its signature."""
        found, hashes = self._find(record, None)
        return self._written(record, found, hashes)

    def _find(self, record: Article, same: Duplicate | None) -> tuple[Duplicate | None, bytes]:
        hashes = signature(record.text)
        return same or self._finder.near(record, hashes), hashes

    def _written(self, record: Article, found: Duplicate | None, hashes: bytes) -> tuple[Article, bytes]:
        if found is not None:
            record = record.model_copy(update={"duplicate_of": found.id, "similarity": found.similarity})
        self._finder.add(record, hashes)
        return record, hashes
