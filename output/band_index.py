"""Which rows share a band with a signature: a hash table without an object for each entry, of which a run has 180,000."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

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
