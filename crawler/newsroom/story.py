"""Read stories as their authors wrote them: TOML between `+++` lines, then Markdown. Layouts decide how they look."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markupsafe import Markup

if TYPE_CHECKING:
    from pathlib import Path

    from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_RENDERER = RendererHTML()
_FRONT_MATTER = re.compile(r"\+\+\+\n(.*?)\n\+\+\+\n(.*)", re.DOTALL)
_CLOCK = re.compile(r"\s@(\d{1,2}:\d{2})$")


class StoryError(ValueError):
    """Report in one line which story file cannot be read, and why."""


@dataclass(frozen=True, slots=True)
class StoryLine:
    """Hold inline text: as HTML for a layout, as plain text for the gold."""

    html: Markup
    text: str


@dataclass(frozen=True, slots=True)
class StoryBlock:
    """Hold one block of a story. `kind` is paragraph, heading, quote, list, numbers (a numbered list) or table.

    `lines` are its list items, the paragraphs of a quote, or one line; `rows` are a table's, the first being its head. `clock`
    is the time beside a live blog's heading.
    """

    kind: str
    lines: tuple[StoryLine, ...] = ()
    rows: tuple[tuple[StoryLine, ...], ...] = ()
    clock: str | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """Place a picture after the block number `after` (0: above the text), with its caption and credit."""

    src: str
    caption: str
    credit: str
    after: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """Hold one article of the newsroom.

    `url` is its canonical path; `copies` are other paths of the same page, `moved_from` paths that redirect to it.
    `pages` are its blocks, page by page. `standfirst` and `key_points` are above the text, `description` is only in the
    page's head. `gate` is None (open), "stub" (ends at a paywall) or "metered" (paid, but complete).
    The blocks after number `hidden_after` have a `hidden` attribute until a script shows them.
    `search_title` is its title for search engines, in the head and the breadcrumbs; readers see `kicker` and `title`.
    `reject` is the reason for which a crawler must reject it.
    `keeps` are sentences that look like clutter, but that the author wrote and that must survive.
    """

    slug: str
    url: str
    layout: str
    title: str
    published: dt.datetime | dt.date
    pages: tuple[tuple[StoryBlock, ...], ...]
    language: str = "en"
    kicker: str | None = None
    search_title: str | None = None
    standfirst: str | None = None
    key_points: tuple[str, ...] = ()
    description: str | None = None
    authors: tuple[str, ...] = ()
    modified: dt.datetime | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    copies: tuple[str, ...] = ()
    moved_from: tuple[str, ...] = ()
    amp: str | None = None
    printed: str | None = None
    free: bool | None = None
    live: bool = False
    gate: str | None = None
    hidden_after: int | None = None
    delay: float = 0.0
    charset: str = "utf-8"
    meta_charset: str | None = "utf-8"
    header_charset: str | None = "utf-8"
    listed: bool = True
    reject: str | None = None
    keeps: tuple[str, ...] = field(default=())

    @property
    def published_at(self) -> dt.datetime:
        """Return the publication time, for sorting. A time without an offset counts as UTC."""
        when = (
            self.published
            if isinstance(self.published, dt.datetime)
            else dt.datetime.combine(self.published, dt.time())
        )
        return when if when.tzinfo else when.replace(tzinfo=dt.UTC)

    @property
    def other_addresses(self) -> tuple[str, ...]:
        """Return the paths that show the same story without a redirect: copies, the AMP and the print version."""
        return (*self.copies, *filter(None, (self.amp, self.printed)))

    @property
    def lead(self) -> str:
        """Return the summary for feeds and section pages."""
        return self.standfirst or self.description or self.pages[0][0].lines[0].text


def load_stories(folder: Path) -> tuple[Story, ...]:
    """Load all stories of a folder, newest first. Raises StoryError."""
    stories = [read_story(path) for path in sorted(folder.glob("*.md"))]
    return tuple(sorted(stories, key=lambda story: (story.published_at, story.slug), reverse=True))


def read_story(path: Path) -> Story:
    """Read a story from its file. Raises StoryError."""
    parts = _FRONT_MATTER.fullmatch(path.read_text(encoding="utf-8"))
    if parts is None:
        raise StoryError(f"{path.name}: no front matter; begin the file with +++, TOML, +++")
    try:
        facts = tomllib.loads(parts[1])
    except tomllib.TOMLDecodeError as error:
        raise StoryError(f"{path.name}: {error}") from error
    unknown = facts.keys() - {f.name for f in fields(Story)}
    if unknown:
        raise StoryError(f"{path.name}: unknown key {', '.join(sorted(unknown))}")
    facts["pictures"] = tuple(Picture(**picture) for picture in facts.get("pictures", ()))
    facts = {key: tuple(value) if isinstance(value, list) else value for key, value in facts.items()}
    try:
        return Story(slug=path.stem, pages=tuple(parse_pages(parts[2])), **facts)
    except (TypeError, ValueError) as error:
        raise StoryError(f"{path.name}: {error}") from error


def parse_pages(markdown: str) -> list[tuple[StoryBlock, ...]]:
    """Parse Markdown to pages of blocks; `---` starts a new page. Raises ValueError on unsupported Markdown."""
    pages: list[list[StoryBlock]] = [[]]
    tokens = _MARKDOWN.parse(markdown)
    start = 0
    depth = 0
    for end, token in enumerate(tokens):
        depth += token.nesting
        if depth:
            continue
        if token.type == "hr":
            pages.append([])
        else:
            pages[-1].append(_block(tokens[start : end + 1]))
        start = end + 1
    return [tuple(page) for page in pages]


def _block(tokens: list[Token]) -> StoryBlock:
    first = tokens[0].type
    if first == "table_open":
        return StoryBlock("table", rows=_rows(tokens))
    inline = [token for token in tokens if token.type == "inline"]
    if first == "heading_open":
        return _heading(inline[0])
    kinds = {
        "paragraph_open": "paragraph",
        "blockquote_open": "quote",
        "bullet_list_open": "list",
        "ordered_list_open": "numbers",
    }
    if first not in kinds:
        raise ValueError(f"a story cannot have a {first.removesuffix('_open')}")
    return StoryBlock(kinds[first], tuple(_line(token) for token in inline))


def _heading(token: Token) -> StoryBlock:
    line = _line(token)
    clock = _CLOCK.search(line.text)
    if clock is None:
        return StoryBlock("heading", (line,))
    return StoryBlock(
        "heading", (StoryLine(Markup(_CLOCK.sub("", line.html)), _CLOCK.sub("", line.text)),), clock=clock[1]
    )


def _rows(tokens: list[Token]) -> tuple[tuple[StoryLine, ...], ...]:
    rows: list[list[StoryLine]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_line(token))
    return tuple(tuple(row) for row in rows)


def _line(token: Token) -> StoryLine:
    children = token.children or []
    html = _RENDERER.renderInline(children, _MARKDOWN.options, {})
    breaks = {"softbreak": " ", "hardbreak": " "}
    text = "".join(breaks.get(child.type, child.content) for child in children)
    return StoryLine(Markup(html.replace("\n", " ")), text)


@dataclass(frozen=True, slots=True)
class Fixture:
    """Describe a page that is not a story: a file, and how it is served.

    `reject` is the reason for which a crawler must reject it. `story` is a file in scripted/: the page becomes this story in
    a crawler that runs its script; all others must reject it.
    """

    path: str
    file: str | None = None
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    location: str | None = None
    reject: str | None = None
    updated: dt.datetime | None = None
    listed: bool = False
    title: str = ""
    story: str | None = None
