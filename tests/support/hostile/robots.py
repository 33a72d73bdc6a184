"""Outlets whose robots.txt is the weapon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.hostile.outlet import TEXT, Outlet, Raw, Served, with_robots

if TYPE_CHECKING:
    from collections.abc import Iterator

_AI_AGENTS = ("GPTBot", "CCBot", "ClaudeBot", "Google-Extended", "PerplexityBot", "Bytespider", "Amazonbot")
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"


def _endless() -> Iterator[bytes | float]:
    yield _HEAD
    while True:
        yield b"Disallow: /private/of/nobody\n" * 2000


def _dripping() -> Iterator[bytes | float]:
    yield _HEAD
    while True:
        yield b"#"
        yield 0.5


def _lines(text: str, numbers: int) -> str:
    return "".join(text.format(number) for number in range(numbers))


ROBOTS_FILES: tuple[Outlet, ...] = (
    with_robots(
        "robots-groups", "time and memory, with 12,000 agents that share 16,000 rules",
        Served((_lines("User-agent: a{}\n", 12_000) + _lines("Disallow: /a{}\n", 16_000)).encode(), TEXT), may_lose=True,
    ),
    with_robots(
        "robots-wildcards", "the time for one URL, with 22,000 patterns for each of many agents",
        Served(("".join(f"User-agent: {one}\n" for one in ("*", *_AI_AGENTS)) + _lines("Disallow: /*a*{}*b\n", 22_000)).encode(), TEXT),
        path="/2026/03/04/" + "-".join(["a-ferry"] * 30), may_lose=True,
    ),
    with_robots(
        "robots-stars", "the matching of one rule, with 300 wildcards",
        Served(b"User-agent: *\nDisallow: /" + b"*a" * 300 + b"*!$\n", TEXT), path="/2026/03/04/" + "a-" * 300 + "ferry", may_lose=True,
    ),
    with_robots(
        "robots-long-line", "the parser of lines, with 500 KB of spaces before a colon",
        Served(b"User-agent" + b" " * 500_000 + b": *\nDisallow: /private/\n", TEXT),
    ),
    with_robots(
        "robots-sitemaps", "the choice of sitemaps, with 20,000 of them",
        Served(_lines("Sitemap: https://robots-sitemaps.example:1/{}-news.xml\n", 16_000).encode(), TEXT),
    ),
    with_robots("robots-utf-16", "the parser of rules, with UTF-16", Served("User-agent: *\nDisallow:\n".encode("utf-16"), TEXT)),
    with_robots("robots-redirect-loop", "the following of redirects, with a loop", Served(b"", TEXT, 302, {"Location": "/robots.txt"})),
    with_robots("robots-endless", "memory, with rules without an end", Raw(_endless), may_lose=True),
    with_robots("robots-drip", "patience, with half a second for each byte", Raw(_dripping), collects=(), loses=True),
)  # fmt: skip
