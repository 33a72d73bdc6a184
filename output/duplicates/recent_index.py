"""Index a run's newest articles by their text and by the bands of their signatures, in bounded memory."""

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

_BUCKETS = 4096  # of some 40 entries each, for 10,000 signatures
# Half of a band, and the row. Rows that share it by chance are ruled out when their signatures are compared.
_ENTRY = struct.Struct("<II")
_HALF = 0xFFFFFFFF
_SIZE = 4 * minhash.PERMUTATIONS  # bytes of a signature


class BandIndex:
    """Map bands, as `minhash.bands` returns them, to rows of a table of signatures. Takes 8 bytes per band of a row."""

    def __init__(self) -> None:
        self._buckets = [bytearray() for _ in range(_BUCKETS)]

    def add(self, row: int, bands: Sequence[int]) -> None:
        """Add a row under its bands."""
        for bucket, half in self._buckets_of(bands):
            bucket += _ENTRY.pack(half, row)

    def remove(self, row: int, bands: Sequence[int]) -> None:
        """Remove a row from its bands."""
        for bucket, half in self._buckets_of(bands):
            kept = [entry for entry in _ENTRY.iter_unpack(bucket) if entry != (half, row)]
            bucket[:] = b"".join(_ENTRY.pack(*entry) for entry in kept)

    def rows(self, bands: Sequence[int]) -> set[int]:
        """Return the rows that have at least one of these bands."""
        buckets = self._buckets_of(bands)
        return {row for bucket, half in buckets for known, row in _ENTRY.iter_unpack(bucket) if known == half}

    def _buckets_of(self, bands: Sequence[int]) -> Iterator[tuple[bytearray, int]]:
        return ((self._buckets[band % _BUCKETS], band >> 16 & _HALF) for band in bands)


@dataclass(frozen=True, slots=True)
class RecentArticle:
    """Describe an article that this run wrote. `row` is the place of its signature."""

    id: str
    url: str | None
    source: str | None
    content_hash: str
    row: int


class RecentArticles:
    """Hold at most `size` articles; a new one replaces the oldest.

    Signatures are rows of a single bytearray: 10,000 articles take 12 MB in all.
    """

    def __init__(self, size: int):
        self._size = size
        self._written: OrderedDict[str, RecentArticle] = OrderedDict()
        self._by_text: dict[str, str] = {}
        self._free: list[int] = []  # rows of removed articles
        self._rows = self._added = 0  # rows in use or free, articles ever added
        self._ids = [""] * size
        self._numbers = array("q", bytes(8 * size))  # by row: the article's number among all ever added
        self._bands = BandIndex()
        self._hashes = bytearray(_SIZE * size)

    def get(self, article: str) -> RecentArticle | None:
        """Return the article with this id."""
        return self._written.get(article)

    def find_by_text(self, content_hash: str) -> RecentArticle | None:
        """Return the first article with this text."""
        article = self._by_text.get(content_hash)
        return self._written[article] if article is not None else None

    def sharing_a_band(self, bands: Sequence[int], most: int) -> list[tuple[str, bytes]]:
        """Return (id, signature) of the oldest `most` articles that share one of these bands."""
        in_order = sorted(self._bands.rows(bands), key=self._numbers.__getitem__)
        return [(self._ids[row], self._signature(row)) for row in in_order[:most]]

    def add(self, record: Article, hashes: bytes) -> None:
        """Add an article; it replaces its earlier version."""
        self._remove(record.id)
        while len(self._written) >= self._size:
            self._remove(next(iter(self._written)))
        row = self._free.pop() if self._free else self._rows
        self._rows = max(self._rows, row + 1)
        self._added += 1
        self._written[record.id] = RecentArticle(record.id, record.url, record.source, record.content_hash, row)
        self._by_text.setdefault(record.content_hash, record.id)
        self._ids[row], self._numbers[row] = record.id, self._added
        self._bands.add(row, minhash.bands(hashes))
        self._hashes[row * _SIZE : (row + 1) * _SIZE] = hashes

    def _signature(self, row: int) -> bytes:
        return bytes(self._hashes[row * _SIZE : (row + 1) * _SIZE])

    def _remove(self, article: str) -> None:
        written = self._written.pop(article, None)
        if written is None:
            return
        if self._by_text.get(written.content_hash) == article:
            del self._by_text[written.content_hash]
        self._bands.remove(written.row, minhash.bands(self._signature(written.row)))
        self._free.append(written.row)
