"""Which earlier article a text repeats: exactly, or nearly (a wire story at many outlets), in this run or an earlier one.

What earlier runs wrote is asked of the state. What this run wrote is kept in memory until the state has it, the newest
`REMEMBERED` of it: in some 12 MB.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from output import minhash
from output.article import Article
from output.recent import Recent
from output.state import State, articles, signatures
from output.state.signatures import Signed

THRESHOLD = 0.8  # of the shingles in common: the usual bound of "the same story, edited"
REMEMBERED = 10_000
# Candidates that are compared: a text that meets more (a template's) is compared with some of them.
_MOST = 200

_ALWAYS = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The earlier record that a text repeats. `similarity` is 1 where the texts are equal, letter by letter."""

    id: str
    url: str | None
    source: str | None
    similarity: float


class DuplicateFinder:
    """Finds what a record repeats. Records are told of with `add` once they are written."""

    def __init__(self, state: State | None, threshold: float = THRESHOLD, remembered: int = REMEMBERED):
        self._state, self._threshold = state, threshold
        self._written = Recent(remembered)

    def same_text(self, record: Article) -> Duplicate | None:
        """The first article with exactly this text: one of the record's own outlet before those of others."""
        found = []
        written = self._written.with_text(record.content_hash)
        if written is not None and written.id != record.id:
            found.append(Duplicate(written.id, written.url, written.source, 1.0))
        if self._state is not None:
            with self._state.transaction() as connection:
                known = articles.with_text(connection, record.content_hash)
            found = [Duplicate(one.id, one.url, one.source, 1.0) for one in known if one.id != record.id] + found
        return next((one for one in found if one.source == record.source), found[0] if found else None)

    def near(self, record: Article, hashes: bytes) -> Duplicate | None:
        """The article that is most like the record, if it is like it enough; of equals the first. A new version of an
        article repeats only what was there before its first."""
        bands = minhash.bands(hashes)
        before = _ALWAYS
        stored: list[Signed] = []
        if self._state is not None:
            with self._state.transaction() as connection:
                stored = signatures.sharing_a_band(connection, bands, _MOST)
                own = articles.article(connection, record.id) if record.revision > 1 else None
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
        """A record was written."""
        self._written.add(record, hashes)

    def _place(self, article: str) -> tuple[str | None, str | None]:
        if written := self._written.get(article):
            return written.url, written.source
        assert self._state is not None
        with self._state.transaction() as connection:
            known = articles.article(connection, article)
        return (known.url, known.source) if known else (None, None)
