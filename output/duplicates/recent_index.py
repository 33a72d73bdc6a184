"""Index the newest articles of a run by their text and by the bands of their signatures, in memory of a set size."""

from __future__ import annotations

import struct
from array import array
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from output.duplicates import minhash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from output.records.article import Article

_BUCKETS = 4096  # of some 40 entries each, where 10,000 signatures are remembered
_ENTRY = struct.Struct("<II")  # half of a band, and the row: who meet by chance are unlike
_HALF = 0xFFFFFFFF


class BandIndex:
    """The rows of a table of signatures by their bands, as `minhash.bands` gives them; 8 bytes for a band of a row."""

    def __init__(self) -> None:
        self._buckets = [bytearray() for _ in range(_BUCKETS)]

    def add(self, row: int, bands: Sequence[int]) -> None:
        """The row has these bands."""
        for bucket, half in self._places(bands):
            bucket += _ENTRY.pack(half, row)

    def remove(self, row: int, bands: Sequence[int]) -> None:
        """The row has them no more."""
        for bucket, half in self._places(bands):
            kept = [entry for entry in _ENTRY.iter_unpack(bucket) if entry != (half, row)]
            bucket[:] = b"".join(_ENTRY.pack(*entry) for entry in kept)

    def rows(self, bands: Sequence[int]) -> set[int]:
        """The rows that have one of these bands."""
        places = self._places(bands)
        return {row for bucket, half in places for known, row in _ENTRY.iter_unpack(bucket) if known == half}

    def _places(self, bands: Sequence[int]) -> Iterator[tuple[bytearray, int]]:
        return ((self._buckets[band % _BUCKETS], band >> 16 & _HALF) for band in bands)


_SIZE = 4 * minhash.PERMUTATIONS  # bytes of a signature


@dataclass(frozen=True, slots=True)
class RecentArticle:
    """An article that this run wrote. `row` is where its signature stands."""

    id: str
    url: str | None
    source: str | None
    content_hash: str
    row: int


class RecentArticles:
    """At most `size` articles; a new one takes the place of the oldest.

    Signatures are rows of one stretch of bytes: with all else, 10,000 take 12 MB.
    """

    def __init__(self, size: int):
        self._size = size
        self._written: OrderedDict[str, RecentArticle] = OrderedDict()
        self._by_text: dict[str, str] = {}
        self._free: list[int] = []  # rows that were left
        self._rows = self._added = 0  # rows that were ever used, articles that were ever added
        self._ids = [""] * size
        self._places = array("q", bytes(8 * size))  # the article's place among all that were added
        self._bands = BandIndex()
        self._hashes = bytearray(_SIZE * size)

    def get(self, article: str) -> RecentArticle | None:
        """The article with this id."""
        return self._written.get(article)

    def with_text(self, content_hash: str) -> RecentArticle | None:
        """The first article with this text."""
        article = self._by_text.get(content_hash)
        return self._written[article] if article is not None else None

    def sharing_a_band(self, bands: Sequence[int], most: int) -> list[tuple[str, bytes]]:
        """(id, signature) of the articles that have one of these bands; where there are more, of the oldest."""
        in_order = sorted(self._bands.rows(bands), key=self._places.__getitem__)
        return [(self._ids[row], self._signature(row)) for row in in_order[:most]]

    def add(self, record: Article, hashes: bytes) -> None:
        """Remember an article, in place of what is remembered of its earlier version."""
        self._forget(record.id)
        while len(self._written) >= self._size:
            self._forget(next(iter(self._written)))
        row = self._free.pop() if self._free else self._rows
        self._rows = max(self._rows, row + 1)
        self._added += 1
        self._written[record.id] = RecentArticle(record.id, record.url, record.source, record.content_hash, row)
        self._by_text.setdefault(record.content_hash, record.id)
        self._ids[row], self._places[row] = record.id, self._added
        self._bands.add(row, minhash.bands(hashes))
        self._hashes[row * _SIZE : (row + 1) * _SIZE] = hashes

    def _signature(self, row: int) -> bytes:
        return bytes(self._hashes[row * _SIZE : (row + 1) * _SIZE])

    def _forget(self, article: str) -> None:
        written = self._written.pop(article, None)
        if written is None:
            return
        if self._by_text.get(written.content_hash) == article:
            del self._by_text[written.content_hash]
        self._bands.remove(written.row, minhash.bands(self._signature(written.row)))
        self._free.append(written.row)
