"""Match a path with tens of thousands of patterns of robots.txt at once, in milliseconds.

Our own, because Protego and regular expressions try each pattern by itself: a file of 400 KB took seconds for each URL.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# The work for one URL is counted in steps of about a nanosecond. Only files made to be slow reach the limit.
_MOST_STEPS = 4_500_000
_COMPARISON = 300  # of one segment with the path
_TRIAL = 700  # one pattern whose segment occurs in the path


class TooManyStepsError(Exception):
    """Matching this path takes too long, so what covers it is unknown."""


@dataclass(frozen=True, slots=True)
class PathPatterns:
    """An index of patterns in the spelling of `normal_patterns`, which knows each by its position in the list given.

    A pattern without `*` is looked up by its text. A pattern with `*` is tried only if its rarest segment, the text between
    two `*`, occurs in the path. `segments` is sorted, and `parents` has for each the longest other one that it starts with.
    """

    plain: dict[str, int]  # the text of a pattern and its number; with `$`, the whole path
    lengths: tuple[int, ...]  # of the plain patterns without `$`, each once
    segments: tuple[str, ...]
    longest: int  # characters of a segment
    parents: array[int]
    first_globs: array[int]  # of each segment, the number of its first pattern with `*`; they follow each other
    globs: tuple[str, ...]
    first_positions: array[int]  # of each pattern, the index of its first position; the globs come first
    positions: array[int]

    def matching(self, path: str) -> Iterator[int]:
        """Return the positions of the patterns that cover a path of `normal_path`. Raises TooManyStepsError."""
        numbers = chain(self._matching_plain(path), self._matching_globs(path) if self.globs else ())
        bounds, positions = self.first_positions, self.positions
        return chain.from_iterable(positions[bounds[n] : bounds[n + 1]] for n in numbers)

    def _matching_plain(self, path: str) -> Iterable[int]:
        if (exact := self.plain.get(f"{path}$")) is not None:
            yield exact
        for length in self.lengths:
            if length > len(path):
                break
            if (number := self.plain.get(path[:length])) is not None:
                yield number

    def _matching_globs(self, path: str) -> list[int]:
        found, steps = self._find_segments(path)
        matching: list[int] = []
        for segment, place in found.items():
            for number in range(self.first_globs[segment], self.first_globs[segment + 1]):
                glob = self.globs[number]
                head, *rest = glob.split("*")
                steps += _TRIAL + 100 * len(rest)
                is_found = path.startswith(head)
                if is_found and (len(rest) > 1 or rest[0].endswith("$") or place < len(head)):
                    steps += len(path) * len(glob)  # the most that searching may take
                    is_found = steps <= _MOST_STEPS and _follow(rest, path, len(head))
                if steps > _MOST_STEPS:
                    raise TooManyStepsError
                if is_found:
                    matching.append(number)
        return matching

    def _find_segments(self, path: str) -> tuple[dict[int, int], int]:
        """Return the segments that occur in the path, each with its first place, and the steps that this took."""
        segments, parents = self.segments, self.parents
        search = 300 + 60 * len(segments).bit_length()  # steps
        places: dict[int, int] = {}
        steps = 0
        for place in range(len(path)):
            # The text before the suffix in the sorted list starts with all segments that the suffix starts with.
            segment = bisect_right(segments, path[place : place + self.longest]) - 1
            steps += search
            while segment >= 0 and segment not in places:  # what a found segment starts with has been found too
                steps += _COMPARISON
                if path.startswith(segments[segment], place):
                    places[segment] = place
                segment = parents[segment]
            if steps > _MOST_STEPS:
                raise TooManyStepsError
        return places, steps


def index_patterns(patterns: Sequence[str]) -> PathPatterns:
    """Return the index of patterns in the spelling of `normal_patterns`."""
    positions_of: defaultdict[str, list[int]] = defaultdict(list)
    for position, pattern in enumerate(patterns):
        positions_of[_shorten(pattern)].append(position)
    split = {pattern: _segments(pattern) for pattern in positions_of if "*" in pattern}
    frequency = Counter(chain.from_iterable(split.values()))
    globs_of: defaultdict[str, list[str]] = defaultdict(list)
    for glob, parts in split.items():
        globs_of[min(parts, key=lambda segment: (frequency[segment], -len(segment)))].append(glob)
    segments = tuple(sorted(globs_of))
    globs = tuple(chain.from_iterable(globs_of[segment] for segment in segments))
    plain = [pattern for pattern in positions_of if pattern not in split]
    by_number = [positions_of[pattern] for pattern in chain(globs, plain)]
    return PathPatterns(
        plain={pattern: len(globs) + index for index, pattern in enumerate(plain)},
        lengths=tuple(sorted({len(pattern) for pattern in plain if not pattern.endswith("$")})),
        segments=segments,
        longest=max(map(len, segments), default=0),
        parents=_parents(segments),
        first_globs=_bounds(globs_of[segment] for segment in segments),
        globs=globs,
        first_positions=_bounds(by_number),
        positions=array("I", chain.from_iterable(by_number)),
    )


def _shorten(pattern: str) -> str:
    """Return a pattern without the `*` that say nothing: repeated ones, and those at the end."""
    while "**" in pattern:  # halves a run each time
        pattern = pattern.replace("**", "*")
    return pattern.removesuffix("$").removesuffix("*") if pattern.endswith(("*", "*$")) else pattern


def _segments(glob: str) -> list[str]:
    return [segment for segment in glob.removesuffix("$").split("*")[1:] if segment]


def _follow(segments: Sequence[str], path: str, place: int) -> bool:
    """Tell whether the segments follow each other in the path from a place on, the last one at its end if it has `$`."""
    *inner, last = segments
    for segment in inner:
        found = path.find(segment, place)
        if found < 0:
            return False
        place = found + len(segment)
    return path.endswith(last[:-1], place) if last.endswith("$") else path.find(last, place) >= 0


def _parents(segments: Sequence[str]) -> array[int]:
    parents, open_ones = array("i"), list[int]()
    for index, segment in enumerate(segments):
        while open_ones and not segment.startswith(segments[open_ones[-1]]):
            open_ones.pop()
        parents.append(open_ones[-1] if open_ones else -1)
        open_ones.append(index)
    return parents


def _bounds(lists: Iterable[Sequence[object]]) -> array[int]:
    return array("I", accumulate(map(len, lists), initial=0))
