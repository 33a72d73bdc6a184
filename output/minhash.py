"""How alike two texts are, by MinHash: signatures, and the bands through which alike ones meet.

A text's shingles are runs of five words; where words are not separated, runs of nine characters (about as much text).
Broder, "On the resemblance and containment of documents" (1997); LSH bands as in Leskovec et al., "Mining of Massive
Datasets", 3.4: of two texts that are alike by .80, .85, .90 these bands let .98, .998, 1.0 meet.
"""

from __future__ import annotations

import re
import struct
from functools import cache
from hashlib import blake2b
from itertools import accumulate
from operator import eq
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PERMUTATIONS = 128
BANDS, ROWS = 18, 7  # 126 of the 128
_AT_ONCE = 128  # shingles that are permuted at once: 64 KB of numbers, which stay near the processor

_WORD = re.compile(r"\w+")
# Scripts written without spaces: Thai, Lao, Burmese, Khmer, kana, Han. Hangul has spaces.
_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNIT = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_ANY_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_WORDS, _CHARACTERS = 5, 9


def shingles(text: str) -> set[bytes]:
    """The shingles of a text, without regard to case and punctuation."""
    folded = text.casefold()
    words = _WORD.findall(folded)
    unspaced = 0 if folded.isascii() else len(_ANY_UNSPACED.findall(folded))
    units, length = words, _WORDS
    if unspaced * 2 > sum(map(len, words)):
        units, length = _UNIT.findall(folded), _CHARACTERS
    if len(units) < length:
        return {" ".join(units).encode()} if units else set()
    joined = " ".join(units).encode()
    ends = list(accumulate(len(unit) + 1 for unit in joined.split(b" ")))
    return {joined[start : end - 1] for start, end in zip([0, *ends], ends[length - 1 :], strict=False)}


def signature(text: str) -> bytes:
    """The MinHash values of a text: PERMUTATIONS unsigned 32-bit numbers, little-endian."""
    return _minhash(shingles(text))


def bands(hashes: bytes) -> list[int]:
    """The bands of a signature, as signed 64-bit numbers: two texts that share one are worth comparing."""
    size = ROWS * 4
    found = []
    for number in range(BANDS):
        part = hashes[number * size : (number + 1) * size]
        digest = blake2b(part, digest_size=8, salt=struct.pack("<Q", number)).digest()
        found.append(int.from_bytes(digest, "big", signed=True))
    return found


def similarity(one: bytes, other: bytes) -> float:
    """The share of shingles that two texts have in common (Jaccard), as their signatures estimate it, 0 to 1."""
    left, right = memoryview(one).cast("I"), memoryview(other).cast("I")  # equal in any byte order
    return float(sum(map(eq, left, right))) / PERMUTATIONS


@cache
def _permutations() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Factors and summands of the permutations x → a·x + b mod 2³² of all hashes; with an odd a, each is one to one."""
    import numpy as np

    draw = np.random.RandomState(1)
    factors = draw.randint(0, 1 << 31, PERMUTATIONS, np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, draw.randint(0, 1 << 32, PERMUTATIONS, np.uint32)


def _minhash(items: set[bytes]) -> bytes:
    """For each permutation the least value that it gives to the hash of an item. datasketch has the same to offer, but
    takes a second to import, with all of scipy."""
    import numpy as np

    least = np.full(PERMUTATIONS, 0xFFFFFFFF, np.uint32)
    factors, summands = _permutations()
    hashes = np.fromiter(map(crc32, items), np.uint32, len(items))
    for start in range(0, len(hashes), _AT_ONCE):
        permuted = factors[:, None] * hashes[start : start + _AT_ONCE]
        permuted += summands[:, None]
        np.minimum(least, permuted.min(axis=1), out=least)
    return least.astype("<u4").tobytes()
