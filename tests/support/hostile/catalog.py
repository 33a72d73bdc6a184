"""All hostile outlets, and the good one."""

from __future__ import annotations

from tests.support.hostile.feeds import FEEDS
from tests.support.hostile.outlet import FEED, RSS, Outlet, Routes, Served
from tests.support.hostile.pages import PAGES
from tests.support.hostile.prose import article_page, rss, start_page
from tests.support.hostile.robots import ROBOTS_FILES
from tests.support.hostile.sitemaps import SITEMAPS
from tests.support.hostile.start_pages import START_PAGES
from tests.support.hostile.transport import TRANSPORT

_GOOD_PATHS = tuple(f"/2026/03/04/story-{number}-of-the-harbour-and-its-{number + 20}-cranes" for number in range(15))
_SECONDS = 0.05  # that the good outlet takes for an answer


def _good_routes(home: str) -> Routes:
    pages = {path: Served(article_page("good", number), seconds=_SECONDS) for number, path in enumerate(_GOOD_PATHS)}
    feed = rss(*(home + path for path in _GOOD_PATHS))
    return {"/": Served(start_page(FEED), seconds=_SECONDS), FEED: Served(feed, RSS, seconds=_SECONDS), **pages}


GOOD = Outlet("good", "nobody", _good_routes, _GOOD_PATHS)
HOSTILE_OUTLETS: tuple[Outlet, ...] = (*FEEDS, *SITEMAPS, *ROBOTS_FILES, *START_PAGES, *PAGES, *TRANSPORT)
BY_NAME = {outlet.name: outlet for outlet in (GOOD, *HOSTILE_OUTLETS)}
