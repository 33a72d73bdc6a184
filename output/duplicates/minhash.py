"""Estimate how similar two texts are with MinHash signatures, and compute the LSH bands that similar texts share.

Shingles are runs of five words or, in scripts that do not separate words, of nine characters (about as much text).
Broder, "On the resemblance and containment of documents" (1997); LSH bands as in Leskovec et al., "Mining of Massive
Datasets", 3.4: pairs with a similarity of .80, .85, .90 share a band with a probability of .98, .998, 1.0.
"""

from __future__ import annotations

import re
import struct
from functools import cache
from hashlib import blake2b
from operator import eq
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PERMUTATIONS = 128
BANDS, ROWS = 18, 7  # 126 of the 128
_CHUNK = 128  # shingles permuted at a time: 64 KB of numbers, which fit into the processor's cache

_WORD = re.compile(r"\w+")
# Scripts written without spaces: Thai, Lao, Burmese, Khmer, kana, Han. Hangul has spaces.
_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNIT = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_ANY_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_WORDS, _CHARACTERS = 5, 9
_SAMPLE = 1000  # characters that decide whether a text separates its words
_FACTOR = 0x9E3779B1  # odd, and far from a power of two: Knuth's multiplicative hashing, TAOCP 6.4


def units(text: str) -> tuple[list[str], int]:
    """Split a text into words or characters, ignoring case and punctuation; return them and how many make a shingle."""
    casefolded = text.casefold()
    start = casefolded[:_SAMPLE]
    unspaced = 0 if start.isascii() else len(_ANY_UNSPACED.findall(start))
    if unspaced * 2 > sum(map(len, _WORD.findall(start))):
        return _UNIT.findall(casefolded), _CHARACTERS
    return _WORD.findall(casefolded), _WORDS


def signature(text: str) -> bytes:
    """Return the MinHash values of a text: PERMUTATIONS unsigned 32-bit numbers, little-endian."""
    return _minhash(_shingles(*units(text)))


def bands(hashes: bytes) -> list[int]:
    """Return the bands of a signature as signed 64-bit numbers: two texts that share one are worth comparing."""
    size = ROWS * 4
    found = []
    for number in range(BANDS):
        part = hashes[number * size : (number + 1) * size]
        digest = blake2b(part, digest_size=8, salt=struct.pack("<Q", number)).digest()
        found.append(int.from_bytes(digest, "big", signed=True))
    return found


def similarity(one: bytes, other: bytes) -> float:
    """Return the estimated Jaccard similarity of two texts from their signatures, 0 to 1."""
    left, right = memoryview(one).cast("I"), memoryview(other).cast("I")  # equal in any byte order
    return float(sum(map(eq, left, right))) / PERMUTATIONS


def _shingles(parts: list[str], length: int) -> NDArray[np.uint32]:
    """Return Rabin's hash of each run of `length` units, or of all units if there are fewer."""
    import numpy as np

    hashes = np.fromiter(map(crc32, " ".join(parts).encode().split()), np.uint32, len(parts))
    length = min(length, len(parts))
    runs = np.zeros(len(parts) - length + 1 if parts else 0, np.uint32)
    for start in range(length):
        runs *= _FACTOR
        runs += hashes[start : start + len(runs)]
    return runs


@cache
def _permutations() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the factors and summands of the permutations x → a·x + b mod 2³²; with an odd a, each is one to one."""
    import numpy as np

    draw = np.random.RandomState(1)
    factors = draw.randint(0, 1 << 31, PERMUTATIONS, np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, draw.randint(0, 1 << 32, PERMUTATIONS, np.uint32)


def _minhash(hashes: NDArray[np.uint32]) -> bytes:
    """Return the least value that each permutation gives to one of the hashes.

    datasketch offers the same, but it imports all of scipy, which takes a second.
    """
    import numpy as np

    least = np.full(PERMUTATIONS, 0xFFFFFFFF, np.uint32)
    factors, summands = _permutations()
    for start in range(0, len(hashes), _CHUNK):
        permuted = factors[:, None] * hashes[start : start + _CHUNK]
        permuted += summands[:, None]
        np.minimum(least, permuted.min(axis=1), out=least)
    return least.astype("<u4").tobytes()
