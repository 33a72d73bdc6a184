"""Make texts on which a regular expression may backtrack, from its own alphabet, and find out whether it does."""

from __future__ import annotations

import re
import re._constants as code  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import time
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from cleaners.text.url_length import MAX_URL_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    _Nodes = Sequence[tuple[Any, Any]]

_REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
_LOOKS = (code.ASSERT, code.ASSERT_NOT)
_MANY = 16  # repetitions that a pattern allows, from which its cost is worth a look
_CLASSES = {
    code.CATEGORY_DIGIT: "0", code.CATEGORY_NOT_DIGIT: "a-", code.CATEGORY_SPACE: " \n",
    code.CATEGORY_NOT_SPACE: "a<", code.CATEGORY_WORD: "a_0", code.CATEGORY_NOT_WORD: "-<",
}  # fmt: skip
_ORDINARY = "a0_ -<.A\n/é中"  # of which a negated set takes its members
MISMATCH = "\n!"  # what hardly any pattern of a line matches to the end
_ENDS = ("", "!", "\n", " ")
_COMMON = ("a", "0", " ", "\n", "<", "_a", "a.", "</", "a ", "a,", "-a")
_MOST_RUNS = 40  # for each pattern and end, the least likely left out
_LONGEST_SAMPLE = 1_000
_SLOW = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class HostileRun:
    """Describe a hostile text of any length: a beginning, what is repeated, and an end that does not match."""

    start: str
    repeated: str
    end: str

    def of(self, length: int) -> str:
        """Return a text of about this length."""
        return self.start + self.repeated * (length // len(self.repeated)) + self.end


def runs_against(pattern: re.Pattern[Any], ends: Sequence[str] = _ENDS) -> list[HostileRun]:
    """Return runs that may make a pattern backtrack: its repetitions after what leads to them come first.

    Each run has one of the `ends`.
    """
    nodes = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    whole = _sample(nodes)
    found = chain(
        _repetitions(nodes, ""),
        (("", whole),),
        (("", piece) for piece in _COMMON),
        (("", one) for one in dict.fromkeys(whole)),
        (("", whole[at : at + 2]) for at in range(len(whole) - 1)),
    )
    pairs = islice(dict.fromkeys((start, piece) for start, piece in found if piece), _MOST_RUNS)
    return [HostileRun(start, piece, end) for start, piece in pairs for end in ends]


def slow_run(pattern: re.Pattern[str]) -> HostileRun | None:
    """Return a run, no longer than a URL may be, that the pattern is slow to search or to match; None where there is none.

    The text grows step by step, so that this ends soon even where each character doubles the time.
    """
    for run in runs_against(pattern, ends=(MISMATCH,)):
        if _is_slow_on(pattern.search, run) or _is_slow_on(pattern.fullmatch, run):
            return run
    return None


def _is_slow_on(call: Callable[[str], object], run: HostileRun) -> bool:
    repetitions, most = 1, MAX_URL_LENGTH // len(run.repeated)
    while repetitions < most:
        repetitions = min(most, max(repetitions + 1, repetitions * 9 // 8))
        text = run.of(repetitions * len(run.repeated))
        if _seconds(call, text) > _SLOW and min(_seconds(call, text) for _ in range(2)) > _SLOW:
            return True
    return False


def _seconds(call: Callable[[str], object], text: str) -> float:
    start = time.perf_counter()
    call(text)
    return time.perf_counter() - start


def _repetitions(nodes: _Nodes, start: str) -> Iterator[tuple[str, str]]:
    """Yield each repetition of the pattern with the text that leads to it, and that text repeated."""
    for operation, value in nodes:
        if operation in _REPEATS:
            _, most, body = value
            if most >= _MANY:
                for piece in _variants(body):
                    yield start, piece
                    if start:
                        yield "", start + piece
                if start:
                    yield "", start
            yield from _repetitions(body, start)
        elif operation is code.BRANCH:
            for branch in value[1]:
                yield from _repetitions(branch, start)
        elif operation is code.SUBPATTERN:
            yield from _repetitions(value[-1], start)
        elif operation is code.ATOMIC_GROUP:
            yield from _repetitions(value, start)
        elif operation in _LOOKS:
            yield from _repetitions(value[1], start)
        start += _sample([(operation, value)])


def _variants(body: _Nodes) -> list[str]:
    """Return some texts that the repeated part matches: each alternative and each kind of character in turn."""
    found = [_sample(body)]
    for at, (operation, value) in enumerate(body):
        before, after = _sample(body[:at]), _sample(body[at + 1 :])
        inner: list[str] = []
        match operation:
            case code.IN:
                inner = _members(value)[:4]
            case code.BRANCH:
                inner = [text for branch in value[1][:8] for text in _variants(branch)]
            case code.SUBPATTERN:
                inner = _variants(value[-1])
            case code.ATOMIC_GROUP:
                inner = _variants(value)
            case code.ANY:
                inner = ["a", "<"]
            case code.MAX_REPEAT | code.MIN_REPEAT | code.POSSESSIVE_REPEAT if value[1] > 0:
                inner = _variants(value[2])
        found += [before + text + after for text in inner]
    return list(dict.fromkeys(text for text in found if text))[:10]


def _sample(nodes: _Nodes) -> str:
    """Return a short text that the nodes match, without regard to what they look ahead or back for."""
    return "".join(_sample_of(operation, value) for operation, value in nodes)[:_LONGEST_SAMPLE]


def _sample_of(operation: Any, value: Any) -> str:
    match operation:
        case code.LITERAL:
            return chr(int(value))
        case code.NOT_LITERAL:
            return "a" if value != ord("a") else "b"
        case code.ANY:
            return "a"
        case code.IN:
            return _members(value)[0]
        case code.BRANCH:
            return max((_sample(branch) for branch in value[1][:3]), key=bool)
        case code.SUBPATTERN:
            return _sample(value[-1])
        case code.ATOMIC_GROUP:
            return _sample(value)
        case code.MAX_REPEAT | code.MIN_REPEAT | code.POSSESSIVE_REPEAT:
            return _sample(value[2]) * min(int(value[0]), 50)
    return ""


def _members(members: _Nodes) -> list[str]:
    """Return some characters of a set."""
    negated = members[0][0] is code.NEGATE
    found = ""
    for operation, value in members:
        match operation:
            case code.LITERAL:
                found += chr(value)
            case code.RANGE:
                found += "".join(map(chr, range(value[0], value[1] + 1))) if negated else chr(value[0])
            case code.CATEGORY:
                found += _CLASSES.get(value, "")
    if not negated:
        return list(dict.fromkeys(found)) or ["a"]
    return [one for one in _ORDINARY if one not in found] or ["a"]
