"""Find which earlier article a text repeats, and decide what becomes of it, as NEAR_DUPLICATES says.

The earlier article has the same text or nearly the same (a wire story on many sites), and is from this run or an earlier one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from cleaners.rejection import RejectReason
from crawler.extensions.run_state import RunState
from crawler.frontier.state_settings import DROP, near_duplicates
from crawler.pipelines.document_record import RecordOrigin, to_reject
from output.duplicates import minhash
from output.duplicates.recent_index import RecentArticles
from output.state import State, known_articles, stored_signatures

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from output.records.article import Article, Reject
    from output.state.stored_signatures import StoredSignature


class DuplicateCheck:
    """Check each new article once.

    The same text on the same site is one article under two URLs: a reject. Nearly the same text, or the same on another site (a
    wire story), is a record that names the earlier one; with `drop`, it is a reject too.
    """

    def __init__(self, finder: DuplicateFinder, *, drop: bool):
        self._finder, self._drop = finder, drop

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        held = crawler.get_extension(RunState)
        return cls(DuplicateFinder(held.state if held else None), drop=near_duplicates(crawler.settings) == DROP)

    def check(self, record: Article, signature: bytes, origin: RecordOrigin) -> Article | Reject:
        """Return the article, marked where it repeats another, or its reject. `signature` is that of its text."""
        same = self._finder.same_text(record)
        if same is not None and same.source == record.source:
            return to_reject(RejectReason.DUPLICATE, f"the same text as {same.url or same.id}", origin)
        found = same or self._finder.near(record, signature)
        if found is not None and self._drop:
            detail = f"{found.similarity:.0%} the text of {found.url or found.id}"
            return to_reject(RejectReason.DUPLICATE, detail, origin)
        return self._written(record, signature, found)

    def mark(self, record: Article, signature: bytes) -> Article:
        """Return the article, marked where it repeats another."""
        return self._written(record, signature, self._finder.near(record, signature))

    def _written(self, record: Article, signature: bytes, found: Duplicate | None) -> Article:
        if found is not None:
            record = record.model_copy(update={"duplicate_of": found.id, "similarity": found.similarity})
        self._finder.add(record, signature)
        return record


THRESHOLD = 0.8  # of the shingles in common: the usual bound of "the same story, edited"
_REMEMBERED = 10_000
# Candidates that are compared: a text that meets more (a template's) is compared with some of them.
_MOST = 200

_ALWAYS = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Name the earlier record that a text repeats. `similarity` is 1 where the texts are equal, letter by letter."""

    id: str
    url: str | None
    source: str | None
    similarity: float


class DuplicateFinder:
    """Find what a record repeats. Call `add` for each record that is written."""

    def __init__(self, state: State | None, threshold: float = THRESHOLD, remembered: int = _REMEMBERED):
        self._state, self._threshold = state, threshold
        self._written = RecentArticles(remembered)

    def same_text(self, record: Article) -> Duplicate | None:
        """Find the first article with exactly this text, on the record's own site before others."""
        found = []
        written = self._written.find_by_text(record.content_hash)
        if written is not None and written.id != record.id:
            found.append(Duplicate(written.id, written.url, written.source, 1.0))
        if self._state is not None:
            with self._state.transaction() as connection:
                known = known_articles.find_by_text(connection, record.content_hash)
            found = [Duplicate(one.id, one.url, one.source, 1.0) for one in known if one.id != record.id] + found
        return next((one for one in found if one.source == record.source), found[0] if found else None)

    def near(self, record: Article, hashes: bytes) -> Duplicate | None:
        """Find the article most like the record, if the likeness reaches the threshold; the earliest of equals.

        A new version of an article can repeat only what existed before its first version.
        """
        bands = minhash.bands(hashes)
        before = _ALWAYS
        stored: list[StoredSignature] = []
        if self._state is not None:
            with self._state.transaction() as connection:
                stored = stored_signatures.sharing_a_band(connection, bands, _MOST)
                own = known_articles.find_article(connection, record.id) if record.revision > 1 else None
            before = own.first_seen if own else _ALWAYS
        best: tuple[float, int, str] | None = None
        candidates = [
            (one.article, one.hashes) for one in sorted(stored, key=lambda one: one.added) if one.added < before
        ]
        if before is _ALWAYS:
            candidates += self._written.sharing_a_band(bands, _MOST)
        for number, (article, other) in enumerate(candidates):
            alike = minhash.similarity(hashes, other)
            if article != record.id and alike >= self._threshold and (best is None or (alike, -number) > best[:2]):
                best = (alike, -number, article)
        if best is None:
            return None
        url, source = self._place(best[2])
        return Duplicate(best[2], url, source, round(best[0], 3))

    def add(self, record: Article, hashes: bytes) -> None:
        """Add a written record to the index."""
        self._written.add(record, hashes)

    def _place(self, article: str) -> tuple[str | None, str | None]:
        if written := self._written.get(article):
            return written.url, written.source
        assert self._state is not None
        with self._state.transaction() as connection:
            known = known_articles.find_article(connection, article)
        return (known.url, known.source) if known else (None, None)
