"""Ask a robots.txt about the URL in the first line: an answer within its steps, and the one that RFC 9309 gives."""

from __future__ import annotations

from math import isfinite

from crawler.politeness.path_patterns import TooManyStepsError, index_patterns
from crawler.politeness.robots_rules import read_robots
from crawler.politeness.url_paths import normal_path, normal_patterns
from tests.fuzz.expectations import expect_line, expect_pickles, expect_text, first_line

_MOST_PATTERNS = 200  # that are compared one by one


def check(data: bytes) -> None:
    url, body = first_line(data)
    rules = expect_pickles(read_robots(200, body))
    assert isfinite(rules.delay)
    assert rules.delay >= 0
    if why := rules.why_not(url):
        expect_line(why)
    for signal, places in rules.rights(url).items():
        expect_line(signal, *places)
        expect_text(*(text for value in places.values() for text in (value if isinstance(value, list) else [value])))
    for sitemap in rules.sitemaps:
        sitemap.encode()
    _compare_index(body.decode("utf-8", "replace").split("\n")[:_MOST_PATTERNS], normal_path(url))


def _compare_index(lines: list[str], path: str) -> None:
    """Expect the index of patterns to find what trying each of them finds."""
    patterns = [pattern for line in lines for pattern in normal_patterns(line.strip(), allow=False)]
    try:
        found = set(index_patterns(patterns).matching(path))
    except TooManyStepsError:
        return
    assert found == {number for number, pattern in enumerate(patterns) if _covers(pattern, path)}


def _covers(pattern: str, path: str) -> bool:
    *heads, last = pattern.removesuffix("$").split("*")
    place = 0
    for number, head in enumerate(heads):
        at = path.find(head, place)
        if at < 0 or (number == 0 and at > 0):
            return False
        place = at + len(head)
    if not heads:
        return path == last if pattern.endswith("$") else path.startswith(last)
    return path.endswith(last, place) if pattern.endswith("$") else last in path[place:]
