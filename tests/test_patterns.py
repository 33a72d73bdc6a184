"""No text of an outlet makes a regular expression of the project take longer than its length allows."""

from __future__ import annotations

import re
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from cleaners.html import element_hints
from cleaners.phrases.compiled_pattern import compile_alternatives
from cleaners.phrases.phrase_matcher import load_phrases
from crawler.discovery.pagination import may_continue
from crawler.sites.hostile_runs import MISMATCH, HostileRun, runs_against
from tests.support.project_patterns import compiled_patterns, written_patterns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# Characters that the callers in a module cut their texts to, or more than which they do not look at.
BOUNDS = {
    "cleaners.metadata.author_names": 1_000,
    "cleaners.rules.byline": 120,
    "cleaners.site_memory.agency_credit": 160,
    "cleaners.text.language": 2_000,
}
SHORT = 500  # characters, and four times as many
CHEAP = 0.0005  # seconds for the longer text: what is quadratic takes longer
STEEP = 9.0  # times as long for four times the characters; 4 is linear, 16 quadratic
CLEAR = 0.05  # seconds that no bounded repetition takes
BOUNDED_LIMIT = 0.05  # seconds for a text as long as the callers allow
LIMIT = 0.4  # seconds for one run
TRIES = 3  # of which the fastest counts


class TooSlowError(Exception):
    """Raised where a block takes longer than `at_most`."""


@contextmanager
def at_most(limit: float) -> Iterator[None]:
    """Raise TooSlowError after `limit` seconds of this process, in the middle of a match too: `re` looks for signals."""

    def give_up(_number: int, _frame: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def fault(
    pattern: re.Pattern[Any], methods: frozenset[str], bound: int | None = None, runs: Sequence[HostileRun] = ()
) -> str | None:
    """Return the method and the run that take more than linear time, or too long at the length of `bound`."""
    for method in sorted({name if name in ("match", "fullmatch", "search") else "sub" for name in methods}):
        call = getattr(pattern, method) if method != "sub" else lambda text: pattern.sub(text[:0], text)
        for run in runs or runs_against(pattern):
            if is_slow(call, run, isinstance(pattern.pattern, bytes), bound):
                return f"{method}, {run}"
    return None


def is_slow(call: Callable[[Any], object], run: HostileRun, reads_bytes: bool, bound: int | None) -> bool:
    def cost(length: int, tries: int = TRIES) -> float:
        text: Any = run.of(length).encode("utf-8", "replace") if reads_bytes else run.of(length)
        return min(seconds(call, text) for _ in range(tries))

    try:
        with at_most(LIMIT):
            if bound:
                return cost(bound, 1) > BOUNDED_LIMIT and cost(bound) > BOUNDED_LIMIT
            length = SHORT
            while cost(4 * length, 1) > CHEAP:
                high = cost(4 * length)
                if high < STEEP * cost(length):
                    return False
                if high > CLEAR:
                    return True
                length *= 4
            return False
    except TooSlowError:
        return True


def seconds(call: Callable[[Any], object], text: Any) -> float:
    start = time.perf_counter()
    call(text)
    return time.perf_counter() - start


def test_every_pattern_of_a_module_is_linear() -> None:
    every = written_patterns()
    assert len(every) > 200
    found = {one.where: fault(one.pattern, one.methods, BOUNDS.get(one.where.rpartition(".")[0])) for one in every}
    assert {where: why for where, why in found.items() if why} == {}


def test_every_phrase_is_quick_on_the_longest_line_that_it_is_tried_on() -> None:
    found = {}
    for phrase in load_phrases().rows:
        for number, alternative in enumerate(compile_alternatives(phrase)):
            pattern: re.Pattern[str] = getattr(alternative.compile(), "__self__")  # noqa: B009
            runs = runs_against(pattern, ends=(MISMATCH,))
            found[phrase.id, number] = fault(pattern, frozenset({"fullmatch"}), phrase.max_length, runs)
    assert len(found) > 1_000
    assert {where: why for where, why in found.items() if why} == {}


def test_every_pattern_that_is_built_while_it_runs_is_linear() -> None:
    url = "https://newsroom.example/a-story"
    element_hints._load_words.cache_clear()
    with compiled_patterns() as made:
        element_hints._load_words()
        may_continue(b"<a href='?page=2'>2</a>", url, url, 1)
    assert len(made) == 2
    assert {str(one.pattern): why for one in made if (why := fault(one, frozenset({"search", "sub"})))} == {}


@pytest.mark.parametrize(
    ("written", "methods"),
    [
        (r"a*a*b", "search"),
        (r"(a+)+b", "match"),
        (r"(?:a|a)*b", "fullmatch"),
        (r"(?:rss|atom)(?:[-_.]\w+)*", "fullmatch"),
        (r"privacy(?:[-_]\w+)*", "fullmatch"),
        (r"(?=[0-9a-z]*\d)(?=[0-9]*[a-z])[0-9a-z]{8,}", "search"),
        (r"<[^>]+>", "sub"),
        (rb"^\W*(?:<!--.*?-->\s*)*<(?:html|head|body)\b", "match"),
        (rb"rel\s*=\s*[\"']?[\w\s]*\bnext\b", "search"),
        (rb"href\s*=\s*[\"']?\s*([^\"'\s>]+)", "findall"),
        (rb"http-equiv[^>]*(?:refresh|&)", "search"),
        (r"^\s*(?:<!--|<!\[CDATA\[)|(?:-->|\]\]>)\s*;?\s*$", "sub"),
        (r"[^\s()]+@[^\s()]+\.\w+", "sub"),
        (r"\s+(?:[|:-]|::|--)+\s+", "sub"),
        (r"\s*(?:…|\.\.\.)\s*$", "search"),
        (r"[A-Za-z](?:[a-z]+|[A-Z]+)(?:[-_]{1,2}[A-Za-z]+|[A-Z][a-z]+)*", "fullmatch"),
    ],
)
def test_a_pattern_that_backtracks_is_noticed(written: Any, methods: str) -> None:
    flags = re.DOTALL if written[:1] in ("^", b"^") else 0
    assert fault(re.compile(written, flags), frozenset({methods}))


@pytest.mark.parametrize("written", [r"\s*+(?:x|y)", r"(?:[-_]\w++)*+!", r"<[^<>]*>", r"\d{5,}", r"a.{0,300}b"])
def test_a_pattern_that_does_not_is_not(written: str) -> None:
    assert fault(re.compile(written), frozenset({"match"})) is None
