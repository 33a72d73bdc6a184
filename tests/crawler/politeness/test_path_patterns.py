"""A path meets exactly the patterns that cover it, however many and however odd they are."""

from __future__ import annotations

import random
import re
from time import process_time

import pytest

from crawler.politeness.path_patterns import TooManyStepsError, index_patterns
from crawler.politeness.url_paths import LONGEST_PATTERN, normal_path, normal_patterns


def covering(patterns: list[str], path: str) -> list[int]:
    return sorted(index_patterns(patterns).matching(path))


def expressed(pattern: str) -> str:
    """Return a pattern as a regular expression."""
    body, end = (pattern[:-1], r"\Z") if pattern.endswith("$") else (pattern, "")
    return ".*".join(map(re.escape, body.split("*"))) + end


@pytest.mark.parametrize(
    ("pattern", "covered", "free"),
    [
        ("/a", ("/a", "/a/b", "/ab"), ("/", "/b/a")),
        ("/a$", ("/a",), ("/a/", "/ab")),
        ("/*.pdf$", ("/x.pdf", "/.pdf", "/x.pdf/y.pdf"), ("/x.pdf/", "/xpdf")),
        ("/a*/b*/c", ("/a/b/c", "/a1/2/b/3/c4"), ("/a/c/b", "/a/b", "/b/a/b/c")),
        ("*", ("/", "/a"), ()),
        ("/a*$", ("/a", "/ab"), ("/b",)),
        ("/a****b", ("/ab", "/axb"), ("/a",)),
        ("/ab*ab$", ("/abab", "/ab/ab"), ("/ab",)),  # the two may not share a letter
        ("/aa*aa*aa", ("/aaaaaa", "/aabaaaa"), ("/aaaaa",)),
        ("$", (), ("/", "/a")),
        ("", ("/",), ()),
    ],
)
def test_stars_and_anchors(pattern: str, covered: tuple[str, ...], free: tuple[str, ...]) -> None:
    assert [covering([pattern], path) for path in (*covered, *free)] == [[0]] * len(covered) + [[]] * len(free)


def test_many_patterns_cover_what_each_covers_by_itself() -> None:
    choose = random.Random(7)
    for _ in range(400):
        patterns = [
            "/" + "".join(choose.choices(("a", "b", "ab", "/", "*"), k=choose.randint(0, 6))) + choose.choice(("", "$"))
            for _ in range(choose.randint(1, 40))
        ]
        path = "/" + "".join(choose.choices("aab/", k=choose.randint(0, 12)))
        expected = [number for number, each in enumerate(patterns) if re.match(expressed(each), path)]
        assert covering(patterns, path) == expected


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://a.example", "/"),
        ("https://a.example?q=1", "/%3Fq=1"),
        ("https://a.example//b#c", "//b"),
        ("https://a.example/%7ea%2fb%2A*$", "/~a%2Fb%2A%2A%24"),
        ("https://a.example/é%C3%A9", "/%C3%A9%C3%A9"),
        ("https://[broken/a", "/a"),
        ("/a\ud800", "/a%3F"),
        ("", "/"),
    ],
)
def test_equal_urls_are_spelled_alike(url: str, path: str) -> None:
    assert normal_path(url) == path


def test_a_pattern_that_is_too_long_never_makes_more_allowed() -> None:
    value = "/a*" * LONGEST_PATTERN
    assert [len(pattern) for pattern in normal_patterns(value, allow=False)] == [LONGEST_PATTERN]
    assert normal_patterns(value, allow=True) == ()


TEXT = "".join(random.Random(3).choices("abcdefghijklmnopqrstuvwxyz0123456789-", k=2000))
HOSTILE = {
    "every part of the path": [f"*{TEXT[n : n + size]}" for size in range(3, 12) for n in range(1900)],
    "one part in many orders": [f"/{n}*{TEXT[:2]}*{TEXT[9:12]}" for n in range(20_000)],
    "letters in many orders": [f"*{a}*{b}*{c}" for a in TEXT[:30] for b in TEXT[:30] for c in TEXT[:20]],
    "nearly the same letter": ["*" + "a" * n + "ba" for n in range(1, 900)],
    "nested": ["*" + "a" * n for n in range(1, 1000)],
    "hundreds of stars": ["*a" * n + "*b" for n in range(1, 700)],
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("path", ["/" + TEXT, "/" + "a" * 2070 + "ba", "/" + ("a" * 400 + "b") * 5])
def test_the_work_for_one_path_is_bounded(name: str, path: str) -> None:
    few = seconds(HOSTILE[name][::8], path)
    assert seconds(HOSTILE[name], path) < 40 * max(few, 0.001)


def seconds(patterns: list[str], path: str) -> float:
    index, started = index_patterns(patterns), process_time()
    try:
        found = list(index.matching(path))
    except TooManyStepsError:
        found = []
    elapsed = process_time() - started
    assert all(re.match(expressed(patterns[position]), path) for position in found[:50])
    return elapsed
