"""How what a pattern matches can begin: enough to know, by a block's first character, which rows need not be tried."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Escaped characters, classes, and what parts a pattern outside these.
_IN_SET = re.compile(r"(\\.|[^\\])(?:-(?=[^\]])([^\\]))?", re.DOTALL)
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]", re.DOTALL)


def opening(text: str) -> str:
    """A text's first character as `openings` has it: a small letter, "0" for any digit."""
    return "0" if text[0].isdecimal() else text[0].lower()[0]


def openings(pattern: str) -> frozenset[str] | None:
    """The openings of all that the pattern matches; None where they cannot be told from its start.

    Reads alternatives, groups, characters and sets of them, and their quantifiers; at anything else it gives up.
    """
    found: frozenset[str] = frozenset()
    for sequence in _alternatives(pattern):
        begun = _of_sequence(sequence)
        if begun is None:
            return None
        found |= begun
    return found


def _of_sequence(sequence: str) -> frozenset[str] | None:
    """The same for a pattern without alternatives at its top."""
    if sequence.startswith(("(?!", "(?=", "(?<")):
        return _of_sequence(sequence[_group_end(sequence) :])
    if not sequence or sequence[0] in ".^$*+?{":
        return None
    if sequence[0] == "(":
        end = _group_end(sequence)
        begun = openings(sequence[sequence.find(":", 0, end) + 1 : end - 1]) if sequence.startswith("(?") else None
    elif sequence[0] == "[":
        end = next(_PIECE.finditer(sequence)).end()
        begun = _of_set(sequence[1 : end - 1])
    else:
        end = 1 + (sequence[0] == "\\")
        begun = _of_character(sequence[:end])
    if begun is None:
        return None
    rest = sequence[end:]
    if not rest.startswith(("?", "*", "{0", "{,")):
        return begun
    following = _of_sequence(rest.partition("}")[2] if rest[0] == "{" else rest[1:].lstrip("+?"))
    return None if following is None else begun | following


def _of_set(inside: str) -> frozenset[str] | None:
    """The same for what stands between square brackets."""
    if inside.startswith("^"):
        return None
    found: set[str] = set()
    for first, last in _IN_SET.findall(inside):
        begun = frozenset(map(opening, map(chr, range(ord(first), ord(last) + 1)))) if last else _of_character(first)
        if begun is None:
            return None
        found |= begun
    return frozenset(found)


def _of_character(written: str) -> frozenset[str] | None:
    """The same for one character, as a pattern writes it."""
    if written == "\\d":
        return frozenset("0")
    if written[0] == "\\" and written[1:].isalnum():  # another class of characters, or a place
        return None
    return frozenset(opening(written[-1]))


def _alternatives(pattern: str) -> list[str]:
    """The pattern, parted at the bars that stand in no group."""
    bars = [at for at, mark, depth in _marks(pattern) if mark == "|" and depth == 0]
    return [pattern[start + 1 : end] for start, end in zip([-1, *bars], [*bars, len(pattern)], strict=True)]


def _group_end(sequence: str) -> int:
    """The place after the group that opens the sequence."""
    return next((at + 1 for at, mark, depth in _marks(sequence) if mark == ")" and depth == 0), len(sequence))


def _marks(pattern: str) -> Iterator[tuple[int, str, int]]:
    """Bars and closing parentheses: where, which, and in how many groups."""
    depth = 0
    for piece in _PIECE.finditer(pattern):
        mark = piece.group()
        depth += (mark == "(") - (mark == ")")
        if mark in "|)":
            yield piece.start(), mark, depth
