"""The newest articles of a run, found by their text and by the bands of their signatures, in a memory of a set size."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from output import minhash
from output.article import Article
from output.band_index import BandIndex

_SIZE = 4 * minhash.PERMUTATIONS  # bytes of a signature


@dataclass(frozen=True, slots=True)
class Written:
    """An article that this run wrote. `row` is where its signature stands."""

    id: str
    url: str | None
    source: str | None
    content_hash: str
    row: int


class Recent:
    """At most `size` articles; a new one takes the place of the oldest.

    Signatures are rows of one stretch of bytes: with all else, 10,000 take 12 MB.
    """

    def __init__(self, size: int):
        self._size = size
        self._written: OrderedDict[str, Written] = OrderedDict()
        self._by_text: dict[str, str] = {}
        self._free: list[int] = []  # rows that were left
        self._rows = self._added = 0  # rows that were ever used, articles that were ever added
        self._ids = [""] * size
        self._places = array("q", bytes(8 * size))  # the article's place among all that were added
        self._bands = BandIndex()
        self._hashes = bytearray(_SIZE * size)

    def get(self, article: str) -> Written | None:
        """The article with this id."""
        return self._written.get(article)

    def with_text(self, content_hash: str) -> Written | None:
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
        self._written[record.id] = Written(record.id, record.url, record.source, record.content_hash, row)
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
