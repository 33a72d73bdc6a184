"""Render stories to HTML with Jinja layouts. A layout adds clutter and records the kind of each piece."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from markupsafe import Markup

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from jinja2.runtime import Context

    from crawler.newsroom.story import Fixture, Story

_SOURCES = Path(__file__).parent / "sources"


@dataclass(frozen=True, slots=True)
class PlacedClutter:
    """Hold a piece of a page that its author did not write: its kind (cleaners.document.Kind) and its HTML."""

    kind: str
    html: str


@dataclass(frozen=True)
class StoryLayouts:
    """Render pages. A layout is the file `<name>.html` in `folder`."""

    folder: Path
    stories: Sequence[Story]
    home: str
    publisher: str
    notice: str = ""

    def article(self, story: Story, layout: str, number: int = 1) -> tuple[str, tuple[PlacedClutter, ...]]:
        """Render one page of a story; return the HTML and its clutter, in page order."""
        placed: list[PlacedClutter] = []
        html = self._environment.get_template(f"{layout}.html").render(
            story=story,
            blocks=story.pages[number - 1],
            number=number,
            address=self.home + story.url,
            related=self._related(story),
            ld=_structured_data(story, self.home, self.publisher),
            noted=placed,
        )
        return html, tuple(placed)

    def shell(self, story: Story, reader: str, data: str) -> str:
        """Render the page that the script `reader` fills with a story from `data`, without the story."""
        template = self._environment.get_template("shell.html")
        return template.render(story=story, address=self.home + story.url, reader=reader, data=data)

    def data(self, story: Story) -> str:
        """Return the JSON that the script fetches: structured data, and the text as HTML."""
        blocks = self._environment.get_template("blocks.html").render(blocks=story.pages[0])
        return json.dumps(
            {
                "ld": _structured_data(story, self.home, self.publisher),
                "standfirst": story.standfirst,
                "blocks": blocks,
            },
            ensure_ascii=False,
        )

    def source(self, template: str, fixtures: Sequence[Fixture]) -> str:
        """Render a feed, a sitemap, robots.txt, or a page that lists stories."""
        return self._environment.get_template(template).render(fixtures=fixtures)

    def _related(self, story: Story) -> list[Story]:
        """Return stories to link to: those in its language first, in a fixed order that differs between stories."""
        others = [other for other in self.stories if other.slug != story.slug and other.listed and not other.reject]
        start = sum(map(ord, story.slug)) % max(len(others), 1)
        return sorted(others[start:] + others[:start], key=lambda other: other.language != story.language)

    @cached_property
    def _environment(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader([self.folder, _SOURCES]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals.update(
            clutter=_clutter,
            stories=[story for story in self.stories if story.listed],
            words=tomllib.loads((self.folder / "words.toml").read_text(encoding="utf-8")),
            home=self.home,
            publisher=self.publisher,
            notice=Markup(self.notice),
        )
        environment.filters.update(iso=_iso, rfc822=_rfc822, json=_json)
        return environment


@pass_context
def _clutter(context: Context, kind: str, caller: Callable[[], Markup]) -> Markup:
    """Print and record the enclosed HTML: `{% call clutter("share") %}…{% endcall %}`."""
    html = caller()
    context["noted"].append(PlacedClutter(kind, str(html)))
    return html


def _structured_data(story: Story, home: str, publisher: str) -> dict[str, Any]:
    """Return the story's schema.org data. A layout may print it, change it, or leave it out."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LiveBlogPosting" if story.live else "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": home + story.url},
        "headline": story.search_title or story.title,
        "datePublished": _iso(story.published),
        "inLanguage": story.language,
        "author": [{"@type": "Person", "name": author} for author in story.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": publisher, "url": home + "/"},
    }
    optional = {
        "description": story.description or story.standfirst,
        "dateModified": _iso(story.modified) if story.modified else None,
        "articleSection": story.section,
        "keywords": list(story.tags) or None,
        "image": [home + picture.src for picture in story.pictures[:1]] or None,
        "isAccessibleForFree": story.free,
    }
    return data | {key: value for key, value in optional.items() if value is not None}


def _json(value: object) -> Markup:
    """Return JSON that is safe inside a script element."""
    return Markup(json.dumps(value, ensure_ascii=False, indent=1).replace("</", "<\\/"))


def _iso(when: dt.datetime | dt.date) -> str:
    return when.isoformat()


def _rfc822(when: dt.datetime) -> str:
    return when.strftime("%a, %d %b %Y %H:%M:%S %z")
