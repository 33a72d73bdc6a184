"""Align an extractor's lines of text with the page's segments, to tell which of them its text contains.

Extractors do not say where their lines stood in the page, so lines are matched by letters and digits, in page order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from itertools import accumulate
from typing import TYPE_CHECKING

from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

_SHINGLE = 12  # characters; unrelated paragraphs hardly share one of this length
_WIDE = 20  # segments to compare with one line; above this, building a set of its shingles pays
_LONG = 30  # characters of a line; shorter ones are searched only between their neighbours
# Characters to compare of lines with segments, of both sides and with a constant for each pair: 2 s in the worst case,
# and ten times what any recorded page takes. Lines after that are only looked up.
_MOST_COMPARED = 30_000_000
_LEAST_COST = 60


def align_texts(texts: Sequence[str], lines: Sequence[str]) -> list[float]:
    """Return for each of `texts` the share of it that stands in `lines`, 0..1; both are in page order.

    >>> align_texts(["Home", "The quay is closed."], ["The quay is closed!"])
    [0.0, 1.0]
    """
    return align_keys([letters_only(text) for text in texts], lines)


def align_keys(keys: Sequence[str], lines: Sequence[str]) -> list[float]:
    """Align texts that are already reduced to letters and digits; otherwise like `align_texts`."""
    if not lines:
        return [0.0] * len(keys)
    wanted = [letters_only(line) for line in lines]
    places: dict[str, list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        if key:
            places[key].append(index)

    shares = [0.0] * len(keys)
    anchors = _increasing(
        [(number, places[key][0]) for number, key in enumerate(wanted) if len(places.get(key, ())) == 1]
    )
    for _, index in anchors:
        shares[index] = 1.0
    numbers = [number for number, _ in anchors]
    anchored = set(numbers)
    copies = {key: _Copies(places[key]) for key in wanted if key in places}
    ends = [0, *accumulate(map(len, keys))]
    left = _MOST_COMPARED
    for number, key in enumerate(wanted):
        if not key or number in anchored:
            continue
        at = bisect_left(numbers, number)
        low = anchors[at - 1][1] + 1 if at else 0
        high = anchors[at][1] if at < len(anchors) else len(keys)
        if key in copies:
            copy = copies[key].choose(low, high, shares)
            if copy is not None:
                shares[copy] = 1.0
            continue
        for window in (range(low, high), range(len(keys))):
            cost = len(window) * (len(key) + _LEAST_COST) + ends[window.stop] - ends[window.start]
            if cost > left:
                break
            left -= cost
            if _cover(keys, key, shares, window) or len(key) < _LONG:
                break
    return shares


class _Copies:
    """Hold the places of one text on the page, in page order, to give each to one line.

    The gaps between anchors only move on, and a copy that is taken stays taken, so no copy is looked at twice.
    """

    def __init__(self, places: list[int]) -> None:
        self.places = places
        self.at = 0  # of the first copy not yet passed
        self.passed: list[int] = []  # copies before the gap

    def choose(self, low: int, high: int, shares: Sequence[float]) -> int | None:
        """Return the first copy in the gap that is not wholly taken, else the nearest one; None if all are."""
        while self.at < len(self.places) and (self.places[self.at] < low or shares[self.places[self.at]] >= 1.0):
            if shares[self.places[self.at]] < 1.0:
                self.passed.append(self.places[self.at])
            self.at += 1
        while self.passed and shares[self.passed[-1]] >= 1.0:
            self.passed.pop()
        before = self.passed[-1] if self.passed else None
        after = self.places[self.at] if self.at < len(self.places) else None
        if before is None or (after is not None and (after < high or after - low < low - before)):
            return after
        return before


def _increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest subsequence of pairs with increasing second members, so that one odd match misleads no other."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = [-1] * len(pairs)
    for position, (_, index) in enumerate(pairs):
        at = bisect_left(tails, index)
        before[position] = ends[at - 1] if at else -1
        if at == len(tails):
            tails.append(index)
            ends.append(position)
        else:
            tails[at], ends[at] = index, position
    longest = []
    position = ends[-1] if ends else -1
    while position >= 0:
        longest.append(pairs[position])
        position = before[position]
    return longest[::-1]


def _cover(keys: Sequence[str], line: str, shares: list[float], window: range) -> bool:
    """Add to `shares` for the segments in the window that the line joins, splits or nearly repeats; tell if any did."""
    found = False
    shingles: Container[str] | None = None
    for index in window:
        key = keys[index]
        if not key or shares[index] >= 1.0:
            continue
        if key in line:
            share = 1.0 if len(key) >= 4 or len(window) < 40 else 0.0
        elif line in key:
            share = len(line) / len(key)
        elif len(key) > 2 * _SHINGLE and len(line) > 2 * _SHINGLE:
            if shingles is None:
                shingles = _shingles(line) if len(window) > _WIDE else line
            grams = range(0, len(key) - _SHINGLE + 1, _SHINGLE // 2)
            share = sum(map(shingles.__contains__, [key[at : at + _SHINGLE] for at in grams])) / len(grams)
            share = share if share > 0.3 else 0.0
        else:
            share = 0.0
        if share:
            shares[index] = min(1.0, shares[index] + share)
            found = True
    return found


def _shingles(line: str) -> set[str]:
    return {line[at : at + _SHINGLE] for at in range(len(line) - _SHINGLE + 1)}
