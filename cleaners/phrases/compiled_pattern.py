"""Compile phrase patterns one alternative at a time, each with the prefixes that its matches can begin with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cleaners.phrases.phrase import Phrase, compile_pattern
from cleaners.text.normalize import fold_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MINDS_CASE = "(?-i:"
_LETTERS = re.compile(r"\\.|[^\\]+", re.DOTALL)  # escapes, in which case has another meaning, and the rest


class CompiledPattern:
    """Hold one alternative of a pattern: its prefixes, and a lazily compiled full match. A bad one raises PhraseError then."""

    def __init__(self, phrase: Phrase, pattern: str, openings: frozenset[str] | None) -> None:
        self.phrase = phrase
        self.openings = openings  # None: it may begin with anything
        self._pattern = pattern
        self._minds_case = _MINDS_CASE in pattern
        self._words = tuple(map(fold_case, phrase.words))
        self._fullmatch: Callable[[str], re.Match[str] | None] | None = None

    def holds(self, text: str, plain: str) -> bool:
        """Whether it matches a folded text; `plain` is the text without case."""
        if len(text) > self.phrase.max_length or (self._words and not any(map(plain.__contains__, self._words))):
            return False
        return (self._fullmatch or self.compile())(text if self._minds_case else plain) is not None

    def compile(self) -> Callable[[str], re.Match[str] | None]:
        """Have it ready; returns what it asks of a text."""
        pattern, flags = self._pattern, re.IGNORECASE
        if not self._minds_case:
            pattern, flags = _LETTERS.sub(_without_case, pattern), re.NOFLAG
        self._fullmatch = compile_pattern(self.phrase, pattern, flags).fullmatch
        return self._fullmatch


def compile_alternatives(phrase: Phrase) -> Iterator[CompiledPattern]:
    """All ways in which the row matches."""
    return (CompiledPattern(phrase, pattern, openings) for pattern, openings in split_alternatives(phrase.pattern))


def _without_case(found: re.Match[str]) -> str:
    return found.group() if found.group().startswith("\\") else fold_case(found.group())


PREFIX_LENGTH = (
    3  # characters of an opening: with one, four times as many rows were tried, and twice as many ever compiled
)
_MOST = 200  # openings that a piece may multiply to; what can begin in more ways is told apart by fewer characters
_SPECIAL = r"\\\[\](){}.^$*+?|"
_LITERAL = re.compile(
    rf"[^{_SPECIAL}]{{1,{PREFIX_LENGTH}}}(?![*+?{{])"
)  # the last one belongs to a quantifier that follows
_MARK = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]", re.DOTALL)  # what parts a pattern, and what may hide that
_IN_SET = re.compile(r"(\\.|[^\\])(?:-(?=[^\]])([^\\]))?", re.DOTALL)
_TIMES = re.compile(r"(?:[*+?]|\{(\d*),?\d*\})[+?]?")
_GROUP = re.compile(r"\(\?[a-zA-Z-]*:")

# The openings of a piece of pattern: those that are whole, after which goes on what follows it, and those that are not.
# A whole "" is a piece that may be empty; one that is not whole cannot be told.
_Begun = tuple[frozenset[str], frozenset[str]]
_NONE: frozenset[str] = frozenset()
_EMPTY = frozenset({""})
_UNKNOWN: _Begun = (_NONE, _EMPTY)


def prefix_of(text: str) -> str:
    """Return a text's first PREFIX_LENGTH characters in the form of prefixes: lower case, "0" for any digit."""
    return _folded_all(text[:PREFIX_LENGTH])


def prefixes_of(pattern: str) -> frozenset[str] | None:
    """Return the prefixes, up to PREFIX_LENGTH characters, of everything the pattern matches; None where they cannot be told.

    Reads alternatives, groups, characters, sets and their quantifiers, and gives up at anything else.
    """
    return _told(_Reader(pattern).of_group(-1, 0))


def split_alternatives(pattern: str) -> list[tuple[str, frozenset[str] | None]]:
    """Split a pattern at its outermost bars; return each alternative with its prefixes."""
    return [(piece, _told(begun)) for piece, begun in _Reader(pattern).alternatives()]


class _Reader:
    """Read one pattern: find each group's bars and end once, then read only what a match can begin with."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._marks: dict[int, list[int]] = {-1: []}  # by where a group opens; -1 is the whole pattern
        opened = [-1]
        for mark in _MARK.finditer(pattern):
            place = mark.start()
            match pattern[place]:
                case "(":
                    opened.append(place)
                    self._marks[place] = []
                case "|":
                    self._marks[opened[-1]].append(place)
                case ")" if len(opened) > 1:
                    self._marks[opened.pop()].append(place)
        for group in opened:  # more than one in a pattern that `re` will not take
            self._marks[group].append(len(pattern))

    def alternatives(self) -> Iterator[tuple[str, _Begun]]:
        """Yield what stands between the outermost bars, with its prefixes."""
        start = 0
        for end in self._marks[-1]:
            yield self._pattern[start:end], self._of_sequence(start, end)
            start = end + 1

    def of_group(self, group: int, start: int) -> _Begun:
        """Return the prefixes of the group that opens at `group`, whose first alternative is at `start`."""
        whole: set[str] = set()
        begun: set[str] = set()
        for end in self._marks[group]:
            more = self._of_sequence(start, end)
            whole |= more[0]
            begun |= more[1]
            start = end + 1
        return frozenset(whole), frozenset(begun)

    def _of_sequence(self, start: int, end: int) -> _Begun:
        whole, begun = _EMPTY, _NONE
        while start < end and whole:
            if literal := _LITERAL.match(self._pattern, start, end):
                whole, begun = _joined(whole, begun, (frozenset({_folded_all(literal.group())}), _NONE))
                start = literal.end()
            elif self._pattern.startswith(("(?!", "(?=", "(?<"), start):  # takes no characters
                start = self._marks[start][-1] + 1
            else:
                piece, start = self._first_piece(start)
                if times := _TIMES.match(self._pattern, start, end):
                    piece, start = _repeated(piece, times), times.end()
                whole, begun = _joined(whole, begun, piece)
        return whole, begun

    def _first_piece(self, start: int) -> tuple[_Begun, int]:
        """Return the prefixes of the piece at `start`, without its quantifier, and the position where it ends."""
        first = self._pattern[start]
        if first == "(":
            group = _GROUP.match(self._pattern, start)
            return (self.of_group(start, group.end()) if group else _UNKNOWN), self._marks[start][-1] + 1
        if first == "[" and (among := _MARK.match(self._pattern, start)):
            found, end = _of_set(among.group()[1:-1]), among.end()
        else:
            end = start + 1 + (first == "\\")
            found = None if first in ".^$[" else _of_character(self._pattern[start:end])
        return (_UNKNOWN if found is None else (found, _NONE)), end


def _told(openings: _Begun) -> frozenset[str] | None:
    found = openings[0] | openings[1]
    return None if "" in found else found


def _repeated(piece: _Begun, times: re.Match[str]) -> _Begun:
    """Return the prefixes of a piece that is repeated."""
    whole, begun = piece
    if times.group()[0] != "?":  # what comes after the first time is not followed up
        whole, begun = _NONE, whole | begun
    if times.group()[0] in "?*" or times[1] in ("0", ""):
        whole |= _EMPTY
    return whole, begun


def _joined(whole: frozenset[str], begun: frozenset[str], piece: _Begun) -> _Begun:
    """Return the prefixes of what is followed by the piece."""
    if whole is _EMPTY:
        longer, more = set(piece[0]), set(piece[1])
    elif len(whole) * (len(piece[0]) + len(piece[1])) > _MOST:
        return _NONE, begun.union(whole - _EMPTY, {one[:1] for part in piece for one in part} if "" in whole else ())
    else:
        longer, more = ({(one + next_)[:PREFIX_LENGTH] for one in whole for next_ in part} for part in piece)
    done = {one for one in longer if len(one) == PREFIX_LENGTH}
    return frozenset(longer - done), begun.union(more, done)


def _of_set(inside: str) -> frozenset[str] | None:
    """Return the characters of a set in square brackets, normalized; None where they cannot be told."""
    if inside.startswith("^"):
        return None
    found: set[str] = set()
    for first, last in _IN_SET.findall(inside):
        begun = frozenset(map(_folded, map(chr, range(ord(first), ord(last) + 1)))) if last else _of_character(first)
        if begun is None:
            return None
        found |= begun
    return frozenset(found)


def _of_character(written: str) -> frozenset[str] | None:
    """Return the characters that one character of a pattern stands for; None where they cannot be told."""
    if written == "\\d":
        return frozenset("0")
    if written[0] == "\\" and written[1:].isalnum():  # another class of characters, or a place
        return None
    return frozenset(_folded(written[-1]))


def _folded_all(text: str) -> str:
    return "".join(map(_folded, text))


def _folded(character: str) -> str:
    return "0" if character.isdecimal() else fold_case(character)
