"""Define the newsroom as a pure function from a path and request headers to an answer, without sockets."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import tomllib
from dataclasses import dataclass, field
from email.utils import format_datetime, parsedate_to_datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.newsroom.story import Fixture, Story, load_stories, read_story
from crawler.newsroom.story_layouts import PlacedClutter, StoryLayouts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HERE = Path(__file__).parent
HOST = "newsroom.example"
HOME = f"http://{HOST}"
PUBLISHER = "The Quay Courier"


@dataclass(frozen=True, slots=True)
class FixtureAnswer:
    """Hold the newsroom's answer to a request. `headers` have lower-case names; the server waits `delay` seconds."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    delay: float = 0.0


@dataclass(frozen=True)
class Newsroom:
    """Hold the made-up site: its stories, its other pages, and its layouts.

    Replace `stories` to let time pass, or `layouts` to redesign the site. `notice` is HTML at the end of every article.
    """

    stories: tuple[Story, ...] = field(default_factory=lambda: load_stories(HERE / "stories"))
    fixtures: tuple[Fixture, ...] = field(default_factory=lambda: load_fixtures(HERE / "pages" / "pages.toml"))
    layouts: Path = HERE / "layouts"
    notice: str = ""

    def respond(self, path: str, headers: Mapping[str, str] | None = None) -> FixtureAnswer:
        """Answer a GET of `path` (with its query), with 304 if `if-none-match` or `if-modified-since` allow it.

        A full URL addresses another host: it gets a 502, as from a proxy, unless a fixture has that URL.
        """
        route = self._routes.get(path)
        if route is None and not path.startswith("/"):
            body = f"no such host or page here: {path}; try {HOME}/\n".encode()
            return FixtureAnswer(502, {"content-type": "text/plain"}, body)
        if route is None:
            return self._answer(404, self._fixture_body("not-found.html"))
        answer = route()
        request_headers = {name.lower(): value for name, value in (headers or {}).items()}
        if answer.status == 200 and _is_unchanged(answer, request_headers):
            validators = {name: value for name, value in answer.headers.items() if name in ("etag", "last-modified")}
            return FixtureAnswer(304, validators)
        return answer

    @property
    def paths(self) -> tuple[str, ...]:
        """Return every path that does not answer with a 404."""
        return tuple(self._routes)

    @cached_property
    def scripted(self) -> tuple[Story, ...]:
        """Return the stories whose pages are empty until a script has inserted their text."""
        return tuple(read_story(HERE / "scripted" / fixture.story) for fixture in self.fixtures if fixture.story)

    def clutter(self, path: str) -> tuple[PlacedClutter, ...]:
        """Return what the layout adds to an article page, in page order."""
        return self._articles[path].clutter()

    @cached_property
    def _renderer(self) -> StoryLayouts:
        return StoryLayouts(self.layouts, self.stories, home=HOME, publisher=PUBLISHER, notice=self.notice)

    @cached_property
    def _articles(self) -> dict[str, _ArticlePage]:
        pages: dict[str, _ArticlePage] = {}
        for story in self.stories:
            for path in (story.url, *story.copies):
                pages[path] = _ArticlePage(self, story, story.layout)
            for number in range(2, len(story.pages) + 1):
                pages[f"{story.url}?page={number}"] = _ArticlePage(self, story, story.layout, number)
            if story.amp:
                pages[story.amp] = _ArticlePage(self, story, "amp")
            if story.printed:
                pages[story.printed] = _ArticlePage(self, story, "print")
        return pages

    @cached_property
    def _routes(self) -> dict[str, Callable[[], FixtureAnswer]]:
        routes: dict[str, Callable[[], FixtureAnswer]] = {path: page.answer for path, page in self._articles.items()}
        for story in self.stories:
            for old in story.moved_from:
                routes[old] = partial(FixtureAnswer, 301, {"location": HOME + story.url})
        for fixture in self.fixtures:
            routes[fixture.path] = partial(self._fixture, fixture)
        for story in self.scripted:
            routes[story.url] = partial(self._shell, story)
            routes[data_path(story)] = partial(self._data, story)
        for path, (template, content_type) in SOURCE_PATHS.items():
            routes[path] = partial(self._source, template, content_type)
        routes["/sitemaps/archive.xml.gz"] = self._archive
        return routes

    def _source(self, template: str, content_type: str) -> FixtureAnswer:
        body = self._renderer.source(template, self.fixtures)
        return self._answer(200, body.encode(), content_type, self.stories[0].published_at if self.stories else None)

    def _archive(self) -> FixtureAnswer:
        body = gzip.compress(self._renderer.source("archive.xml", self.fixtures).encode(), mtime=0)
        return self._answer(200, body, "application/gzip")

    def _shell(self, story: Story) -> FixtureAnswer:
        body = self._renderer.shell(story, READER, data_path(story))
        return self._answer(200, body.encode(), changed=story.published_at)

    def _data(self, story: Story) -> FixtureAnswer:
        return self._answer(200, self._renderer.data(story).encode(), "application/json", story.published_at)

    def _fixture(self, fixture: Fixture) -> FixtureAnswer:
        if fixture.location:
            return FixtureAnswer(fixture.status, {"location": fixture.location})
        body = self._fixture_body(fixture.file) if fixture.file else b""
        return self._answer(fixture.status, body, fixture.content_type, fixture.updated)

    def _fixture_body(self, file: str) -> bytes:
        return (HERE / "pages" / file).read_bytes()

    @staticmethod
    def _answer(
        status: int,
        body: bytes,
        content_type: str = "text/html; charset=utf-8",
        changed: dt.datetime | None = None,
        delay: float = 0.0,
    ) -> FixtureAnswer:
        headers = {"content-type": content_type, "etag": f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'}
        if changed:
            headers["last-modified"] = format_datetime(changed.astimezone(dt.UTC), usegmt=True)
        return FixtureAnswer(status, headers, body, delay)


READER = "/assets/reader.js"  # the script that builds the pages of `scripted`; a fixture serves it


def data_path(story: Story) -> str:
    """Return the path from which that script fetches the text."""
    return f"/data/stories/{story.slug}.json"


# Path -> template and media type of robots.txt, feeds, sitemaps, and pages that list articles.
SOURCE_PATHS = {
    "/": ("home.html", "text/html; charset=utf-8"),
    "/tech/": ("tech.html", "text/html; charset=utf-8"),
    "/business/": ("business.html", "text/html; charset=utf-8"),
    "/robots.txt": ("robots.txt", "text/plain; charset=utf-8"),
    "/feeds/all.rss": ("feed.rss", "application/rss+xml; charset=utf-8"),
    "/feeds/world.atom": ("feed.atom", "application/atom+xml; charset=utf-8"),
    "/feeds/tech.json": ("feed.json", "application/feed+json; charset=utf-8"),
    "/sitemap_index.xml": ("sitemap_index.xml", "application/xml"),
    "/sitemaps/news.xml": ("news.xml", "application/xml"),
    "/sitemaps/pages.xml": ("pages.xml", "application/xml"),
}


@dataclass(frozen=True, slots=True)
class _ArticlePage:
    newsroom: Newsroom
    story: Story
    layout: str
    number: int = 1

    def answer(self) -> FixtureAnswer:
        story = self.story
        html = self.newsroom._renderer.article(story, self.layout, self.number)[0]
        body = html.encode(story.charset, errors="xmlcharrefreplace")
        content_type = "text/html" + (f"; charset={story.header_charset}" if story.header_charset else "")
        return self.newsroom._answer(200, body, content_type, story.modified or story.published_at, story.delay)

    def clutter(self) -> tuple[PlacedClutter, ...]:
        return self.newsroom._renderer.article(self.story, self.layout, self.number)[1]


def load_fixtures(path: Path) -> tuple[Fixture, ...]:
    """Load the pages that are not stories."""
    return tuple(Fixture(**entry) for entry in tomllib.loads(path.read_text(encoding="utf-8"))["page"])


def _is_unchanged(answer: FixtureAnswer, request_headers: Mapping[str, str]) -> bool:
    """Tell whether a conditional request gets a 304: by If-None-Match, or else If-Modified-Since (RFC 9110, 13.2.2)."""
    if "if-none-match" in request_headers:
        tags = {tag.strip().removeprefix("W/") for tag in request_headers["if-none-match"].split(",")}
        return "*" in tags or answer.headers["etag"] in tags
    if "if-modified-since" not in request_headers or "last-modified" not in answer.headers:
        return False
    try:
        since = parsedate_to_datetime(request_headers["if-modified-since"])
    except ValueError:
        return False
    return parsedate_to_datetime(answer.headers["last-modified"]) <= since
