"""Text that a witness gives, held against the page's segments: which of them did it see?

A witness keeps no trace of where its lines stood in the page, so they are found again by their letters and digits alone, in page order.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING

from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

_SHINGLE = 12  # characters; long enough that two unrelated paragraphs hardly share one
_WIDE = 20  # segments that are held against a line, from which on a set of its shingles is soon found
_LONG = 30  # characters of a key; a shorter line is only looked for near its neighbours


def align_texts(texts: Sequence[str], lines: Sequence[str]) -> list[float]:
    """For each of `texts` (in page order), the share of it that stands in `lines` (in page order), 0..1."""
    return align_keys([letters_only(text) for text in texts], lines)


def align_keys(keys: Sequence[str], lines: Sequence[str]) -> list[float]:
    """`align` for texts that are folded already."""
    if not lines:
        return [0.0] * len(keys)
    wanted = [letters_only(line) for line in lines]
    places: dict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(keys):
        if name:
            places[name].append(index)

    seen = [0.0] * len(keys)
    anchors = _increasing(
        [(number, places[name][0]) for number, name in enumerate(wanted) if len(places.get(name, ())) == 1]
    )
    for _, index in anchors:
        seen[index] = 1.0
    numbers = [number for number, _ in anchors]
    anchored = set(numbers)
    for number, name in enumerate(wanted):
        if not name or number in anchored:
            continue
        at = bisect_left(numbers, number)
        low = anchors[at - 1][1] + 1 if at else 0
        high = anchors[at][1] if at < len(anchors) else len(keys)
        spots = places.get(name)
        if spots:
            # of the copies of a text that stand in the gap, the first that is still free; else the nearest one of the page
            inside = [spot for spot in spots[bisect_left(spots, low) : bisect_right(spots, high - 1)] if not seen[spot]]
            spot = inside[0] if inside else min(spots, key=lambda spot: (seen[spot], abs(spot - low)))
            seen[spot] = 1.0
        else:
            _cover(keys, name, seen, range(low, high)) or (
                len(name) >= _LONG and _cover(keys, name, seen, range(len(keys)))
            )
    return seen


def _increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs whose second members increase (patience sorting), so that one stray line misleads no other."""
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
    run = []
    position = ends[-1] if ends else -1
    while position >= 0:
        run.append(pairs[position])
        position = before[position]
    return run[::-1]


def _cover(keys: Sequence[str], line: str, seen: list[float], window: range) -> bool:
    """Mark the segments of the window that the line joins, splits or nearly repeats; True where there is one."""
    found = False
    shingles: Container[str] | None = None
    for index in window:
        name = keys[index]
        if not name or seen[index] >= 1.0:
            continue
        if name in line:
            share = 1.0 if len(name) >= 4 or len(window) < 40 else 0.0
        elif line in name:
            share = len(line) / len(name)
        elif len(name) > 2 * _SHINGLE and len(line) > 2 * _SHINGLE:
            if shingles is None:
                shingles = _shingles(line) if len(window) > _WIDE else line
            grams = range(0, len(name) - _SHINGLE + 1, _SHINGLE // 2)
            share = sum(map(shingles.__contains__, [name[at : at + _SHINGLE] for at in grams])) / len(grams)
            share = share if share > 0.3 else 0.0
        else:
            share = 0.0
        if share:
            seen[index] = min(1.0, seen[index] + share)
            found = True
    return found


def _shingles(line: str) -> set[str]:
    return {line[at : at + _SHINGLE] for at in range(len(line) - _SHINGLE + 1)}
