"""Compile phrase patterns, one alternative at a time, and find the prefixes with which their matches can begin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cleaners.phrases.phrase import Phrase, compile_pattern
from cleaners.text.normalize import fold_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Characters of a prefix. With a single one, four times as many patterns were tried and twice as many compiled.
_PREFIX_LENGTH = 3
_MOST_PREFIXES = 200  # per pattern; beyond that its prefixes are cut shorter

_CASE_SENSITIVE = "(?-i:"
_ESCAPE_OR_TEXT = re.compile(r"\\.|[^\\]+", re.DOTALL)  # the case of an escape is part of its meaning

_SPECIAL = r"\\\[\](){}.^$*+?|"
# A quantifier belongs to the last character before it, which is left out.
_LITERAL = re.compile(rf"[^{_SPECIAL}]{{1,{_PREFIX_LENGTH}}}(?![*+?{{])")
# Bars and parentheses, and the escapes and sets in which they mean something else.
_MARK = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*+(?:\]|\Z)|[()|]", re.DOTALL)
_SET_MEMBER = re.compile(r"(\\.|[^\\])(?:-(?=[^\]])([^\\]))?", re.DOTALL)
_QUANTIFIER = re.compile(r"(?:[*+?]|\{(\d*)(?:,\d*)?\})[+?]?")
_PLAIN_GROUP = re.compile(r"\(\?[a-zA-Z-]*:")

# The prefixes of a piece of a pattern: those that what follows the piece extends, and the final ones.
# An extensible "" stands for a piece that can be empty, a final "" for one with unknown prefixes.
_Prefixes = tuple[frozenset[str], frozenset[str]]
_NONE: frozenset[str] = frozenset()
_EMPTY = frozenset({""})
_UNKNOWN: _Prefixes = (_NONE, _EMPTY)


class CompiledPattern:
    """Match one alternative of a phrase's pattern.

    It is compiled when first tried, because most never are; an invalid one raises PhraseError then. `prefixes` is None where
    a match can begin with anything.
    """

    def __init__(self, phrase: Phrase, pattern: str, prefixes: frozenset[str] | None) -> None:
        self.phrase = phrase
        self.prefixes = prefixes
        self._pattern = pattern
        self._case_sensitive = _CASE_SENSITIVE in pattern
        self._words = tuple(map(fold_case, phrase.words))
        self._fullmatch: Callable[[str], re.Match[str] | None] | None = None

    def matches(self, text: str, lower: str) -> bool:
        """Tell whether the pattern matches all of a normalized text; `lower` is the text in lower case."""
        if len(text) > self.phrase.max_length or (self._words and not any(map(lower.__contains__, self._words))):
            return False
        return (self._fullmatch or self.compile())(text if self._case_sensitive else lower) is not None

    def compile(self) -> Callable[[str], re.Match[str] | None]:
        """Compile the pattern and return its full match."""
        pattern, flags = self._pattern, re.IGNORECASE
        if not self._case_sensitive:
            pattern, flags = _ESCAPE_OR_TEXT.sub(_lower_text, pattern), re.NOFLAG
        self._fullmatch = compile_pattern(self.phrase, pattern, flags).fullmatch
        return self._fullmatch


def compile_alternatives(phrase: Phrase) -> Iterator[CompiledPattern]:
    """Yield the alternatives of a phrase's pattern, each with its prefixes."""
    for alternative, prefixes in _PrefixParser(phrase.pattern).alternatives():
        yield CompiledPattern(phrase, alternative, _known(prefixes))


def prefix_of(text: str) -> str:
    """Return the first characters of a text in the form of prefixes: lower case, "0" for any digit."""
    return _normalize(text[:_PREFIX_LENGTH])


def prefixes_of(pattern: str) -> frozenset[str] | None:
    """Return the prefixes, up to three characters each, of everything a pattern matches; None where they are unknown.

    Understands alternatives, groups, characters, sets and their quantifiers, and gives up at anything else.
    """
    return _known(_PrefixParser(pattern).of_group(-1, 0))


class _PrefixParser:
    """Parse one pattern: find the bars and the end of each group once, then only what a match can begin with."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        # Positions of each group's bars and of its end, by the group's position; -1 is the whole pattern.
        self._marks: dict[int, list[int]] = {-1: []}
        open_groups = [-1]
        for mark in _MARK.finditer(pattern):
            position = mark.start()
            match pattern[position]:
                case "(":
                    open_groups.append(position)
                    self._marks[position] = []
                case "|":
                    self._marks[open_groups[-1]].append(position)
                case ")" if len(open_groups) > 1:
                    self._marks[open_groups.pop()].append(position)
        for group in open_groups:  # in an invalid pattern there is more than one
            self._marks[group].append(len(pattern))

    def alternatives(self) -> Iterator[tuple[str, _Prefixes]]:
        """Yield the pieces between the outermost bars with their prefixes."""
        start = 0
        for end in self._marks[-1]:
            yield self._pattern[start:end], self._of_sequence(start, end)
            start = end + 1

    def of_group(self, group: int, start: int) -> _Prefixes:
        """Return the prefixes of the group at position `group`, whose first alternative is at `start`."""
        extensible: set[str] = set()
        final: set[str] = set()
        for end in self._marks[group]:
            more_extensible, more_final = self._of_sequence(start, end)
            extensible |= more_extensible
            final |= more_final
            start = end + 1
        return frozenset(extensible), frozenset(final)

    def _of_sequence(self, start: int, end: int) -> _Prefixes:
        extensible, final = _EMPTY, _NONE
        while start < end and extensible:
            if literal := _LITERAL.match(self._pattern, start, end):
                extensible, final = _extend(extensible, final, (frozenset({_normalize(literal.group())}), _NONE))
                start = literal.end()
            elif self._pattern.startswith(("(?!", "(?=", "(?<"), start):  # consumes no characters
                start = self._marks[start][-1] + 1
            else:
                piece, start = self._of_piece(start)
                if quantifier := _QUANTIFIER.match(self._pattern, start, end):
                    piece, start = _repeat(piece, quantifier), quantifier.end()
                extensible, final = _extend(extensible, final, piece)
        return extensible, final

    def _of_piece(self, start: int) -> tuple[_Prefixes, int]:
        """Return the prefixes of the group, set or character at `start`, without its quantifier, and where it ends."""
        first = self._pattern[start]
        if first == "(":
            group = _PLAIN_GROUP.match(self._pattern, start)
            return (self.of_group(start, group.end()) if group else _UNKNOWN), self._marks[start][-1] + 1
        if first == "[" and (whole_set := _MARK.match(self._pattern, start)):
            characters, end = _set_characters(whole_set.group()[1:-1]), whole_set.end()
        else:
            end = start + 1 + (first == "\\")
            characters = None if first in ".^$[" else _characters(self._pattern[start:end])
        return (_UNKNOWN if characters is None else (characters, _NONE)), end


def _known(prefixes: _Prefixes) -> frozenset[str] | None:
    extensible, final = prefixes
    every = extensible | final
    return None if "" in every else every


def _repeat(piece: _Prefixes, quantifier: re.Match[str]) -> _Prefixes:
    """Return the prefixes of a piece with its quantifier."""
    extensible, final = piece
    sign = quantifier.group()[0]
    if sign != "?":  # what follows the first repetition is not examined
        extensible, final = _NONE, extensible | final
    if sign in "?*" or quantifier[1] in ("0", ""):
        extensible |= _EMPTY
    return extensible, final


def _extend(extensible: frozenset[str], final: frozenset[str], piece: _Prefixes) -> _Prefixes:
    """Return the prefixes of a sequence that the piece follows."""
    if extensible is _EMPTY:
        longer, ended = set(piece[0]), set(piece[1])
    elif len(extensible) * (len(piece[0]) + len(piece[1])) > _MOST_PREFIXES:
        first_characters = {prefix[:1] for part in piece for prefix in part} if "" in extensible else ()
        return _NONE, final.union(extensible - _EMPTY, first_characters)
    else:
        longer, ended = (
            {(prefix + suffix)[:_PREFIX_LENGTH] for prefix in extensible for suffix in part} for part in piece
        )
    full_length = {prefix for prefix in longer if len(prefix) == _PREFIX_LENGTH}
    return frozenset(longer - full_length), final.union(ended, full_length)


def _set_characters(inside: str) -> frozenset[str] | None:
    """Return the normalized characters of a set, given without its brackets; None where they are unknown."""
    if inside.startswith("^"):
        return None
    found: set[str] = set()
    for first, last in _SET_MEMBER.findall(inside):
        if last:
            found.update(_normalize_character(chr(code)) for code in range(ord(first), ord(last) + 1))
        elif (characters := _characters(first)) is not None:
            found |= characters
        else:
            return None
    return frozenset(found)


def _characters(written: str) -> frozenset[str] | None:
    """Return the normalized characters that one character of a pattern, or its escape, matches; None where unknown."""
    if written == "\\d":
        return frozenset("0")
    if written[0] == "\\" and written[1:].isalnum():  # a class of characters or a position
        return None
    return frozenset(_normalize_character(written[-1]))


def _lower_text(found: re.Match[str]) -> str:
    return found.group() if found.group().startswith("\\") else fold_case(found.group())


def _normalize(text: str) -> str:
    return "".join(map(_normalize_character, text))


def _normalize_character(character: str) -> str:
    return "0" if character.isdecimal() else fold_case(character)
