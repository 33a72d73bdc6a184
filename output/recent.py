"""The newest articles of a run, found by their text and by the bands of their signatures, in a memory of a set size."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from output import minhash
from output.article import Article


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

    Signatures and their bands are rows of arrays and looked through as a whole: 10,000 in a fifth of a millisecond, and
    in a fifth of the memory that an index by band takes.
    """

    def __init__(self, size: int):
        self._size = size
        self._written: OrderedDict[str, Written] = OrderedDict()
        self._by_text: dict[str, str] = {}
        self._free: list[int] = []  # rows that were left
        self._rows = self._added = 0  # rows that were ever used, articles that were ever added
        self._ids: list[str | None] = [None] * size
        self._places = np.zeros(size, np.int64)  # the article's place among all that were added
        self._bands = np.zeros((minhash.BANDS, size), np.int32)  # halves: who meet by chance are unlike
        self._hashes = np.zeros((size, minhash.PERMUTATIONS), "<u4")

    def get(self, article: str) -> Written | None:
        """The article with this id."""
        return self._written.get(article)

    def with_text(self, content_hash: str) -> Written | None:
        """The first article with this text."""
        article = self._by_text.get(content_hash)
        return self._written[article] if article is not None else None

    def sharing_a_band(self, bands: Sequence[int], most: int) -> list[tuple[str, bytes]]:
        """(id, signature) of the articles that have one of these bands; where there are more, of the oldest."""
        wanted = _halves(bands)[:, None]
        rows = np.flatnonzero((self._bands[:, : self._rows] == wanted).any(axis=0))
        in_order = rows[np.argsort(self._places[rows])]
        found = [(article, int(row)) for row in in_order if (article := self._ids[row]) is not None]
        return [(article, self._hashes[row].tobytes()) for article, row in found[:most]]

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
        self._bands[:, row] = _halves(minhash.bands(hashes))
        self._hashes[row] = np.frombuffer(hashes, "<u4")

    def _forget(self, article: str) -> None:
        written = self._written.pop(article, None)
        if written is None:
            return
        if self._by_text.get(written.content_hash) == article:
            del self._by_text[written.content_hash]
        self._ids[written.row] = None
        self._free.append(written.row)


def _halves(bands: Sequence[int]) -> NDArray[np.int32]:
    """The lower 32 of their 64 bits."""
    return np.array(bands, np.int64).astype(np.int32)
