"""One way in which a row matches, on its own: what begins so, and whether all of it matches.

Of a row's ways a page's blocks begin as a few do. Those alone are compiled, and without IGNORECASE where they can be: it takes most
of the time that compiling takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cleaners.phrases.fold import caseless
from cleaners.phrases.opening import alternatives
from cleaners.phrases.row import Phrase, compile_pattern

_MINDS_CASE = "(?-i:"
_LETTERS = re.compile(r"\\.|[^\\]+", re.DOTALL)  # escapes, in which case has another meaning, and the rest


class Claim:
    """One of a row's alternatives, compiled when it is first tried: most are never. A bad one raises PhraseError then."""

    def __init__(self, phrase: Phrase, pattern: str, openings: frozenset[str] | None) -> None:
        self.phrase = phrase
        self.openings = openings  # None: it may begin with anything
        self._pattern = pattern
        self._minds_case = _MINDS_CASE in pattern
        self._words = tuple(map(caseless, phrase.words))
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


def claims(phrase: Phrase) -> Iterator[Claim]:
    """All ways in which the row matches."""
    return (Claim(phrase, pattern, openings) for pattern, openings in alternatives(phrase.pattern))


def _without_case(found: re.Match[str]) -> str:
    return found.group() if found.group().startswith("\\") else caseless(found.group())
