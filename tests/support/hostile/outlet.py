"""Describe an outlet: what it attacks, what it answers, and what a crawl owes it nevertheless."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from tests.support.hostile.prose import article_page, rss, start_page

FEED, MAP = "/feed.xml", "/map.xml"
HEALTHY = "/2026/03/04/the-ferry-runs-again-after-the-long-storm"
HOSTILE = "/2026/03/05/the-harbour-opens-its-second-gate-to-all"
HTML, RSS, XML, JSON, TEXT, GZIP = (
    "text/html; charset=utf-8", "application/rss+xml", "application/xml", "application/json", "text/plain", "application/gzip",
)  # fmt: skip


@dataclass(frozen=True)
class Served:
    """Answer as a web server does."""

    body: bytes
    content_type: str = HTML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0  # before it is sent


@dataclass(frozen=True)
class Raw:
    """Answer with these bytes as they are, with a pause where a number of seconds stands between them; then hang up."""

    parts: Callable[[], Iterator[bytes | float]]


Answer = Served | Raw
# By path with its query. A path that ends in "*" stands for all that begin with it.
Routes = Mapping[str, Answer]


@dataclass(frozen=True)
class Outlet:
    """An outlet at `<name>.example`.

    `attacks` says in one line what it is after. `routes` gets the outlet's address, and returns what it serves.
    `collects` are the paths of articles that must become records in spite of the attack. `loses` says that something of it
    cannot be had, so that the run has to name the outlet and why. `may_lose` leaves that to the limits of the crawl; then
    its articles may be lost too.
    """

    name: str
    attacks: str
    routes: Callable[[str], Routes]
    collects: tuple[str, ...] = (HEALTHY,)
    loses: bool = False
    may_lose: bool = False

    @property
    def host(self) -> str:
        return f"{self.name}.example"


def with_feed(name: str, attacks: str, feed: Callable[[str], bytes], kind: str = RSS, **owed: object) -> Outlet:
    """Return an outlet whose start page names a feed. `feed` gets the address of the outlet."""

    def routes(home: str) -> Routes:
        return {
            "/": Served(start_page(FEED, kind)),
            FEED: Served(feed(home), kind),
            HEALTHY: Served(article_page(name, 0)),
        }

    return Outlet(name, attacks, routes, **owed)  # type: ignore[arg-type]


def with_sitemap(name: str, attacks: str, sitemap: Callable[[str], bytes], kind: str = XML, **owed: object) -> Outlet:
    """Return an outlet whose robots.txt names a sitemap. `sitemap` gets the address of the outlet."""

    def routes(home: str) -> Routes:
        return {
            "/": Served(start_page()),
            "/robots.txt": Served(f"User-agent: *\nDisallow:\nSitemap: {home}{MAP}\n".encode(), TEXT),
            MAP: Served(sitemap(home), kind),
            HEALTHY: Served(article_page(name, 0)),
        }

    return Outlet(name, attacks, routes, **owed)  # type: ignore[arg-type]


def with_robots(name: str, attacks: str, robots: Answer, *, path: str = HEALTHY, **owed: object) -> Outlet:
    """Return an outlet with a feed of one article, and this robots.txt."""

    def routes(home: str) -> Routes:
        return {
            "/robots.txt": robots,
            "/": Served(start_page(FEED)),
            FEED: Served(rss(home + path), RSS),
            path: Served(article_page(name, 0)),
        }

    return Outlet(name, attacks, routes, **{"collects": (path,), **owed})  # type: ignore[arg-type]


def with_start(name: str, attacks: str, start: Answer | Callable[[str], Answer], **owed: object) -> Outlet:
    """Return an outlet with this start page, and no feed or sitemap."""

    def routes(home: str) -> Routes:
        answer = start if isinstance(start, Served | Raw) else start(home)
        return {"/": answer, HEALTHY: Served(article_page(name, 0))}

    return Outlet(name, attacks, routes, **owed)  # type: ignore[arg-type]


def with_page(name: str, attacks: str, page: Answer | Callable[[str], Routes], **owed: object) -> Outlet:
    """Return an outlet with a feed of two articles, of which the first is this page."""
    return Outlet(name, attacks, partial(_page_routes, name, page), **owed)  # type: ignore[arg-type]


def _page_routes(name: str, page: Answer | Callable[[str], Routes], home: str) -> Routes:
    return {
        "/": Served(start_page(FEED)),
        FEED: Served(rss(home + HOSTILE, home + HEALTHY), RSS),
        HEALTHY: Served(article_page(name, 0)),
        **({HOSTILE: page} if isinstance(page, Served | Raw) else page(home)),
    }
