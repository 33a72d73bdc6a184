"""Outlets of which every page repeats what the others have, printed just as the author's own paragraphs are."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.newsroom.fixture_site import HOME, Newsroom
from crawler.newsroom.story import Story, parse_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

OUTLETS: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("recurring.toml").read_text(encoding="utf-8")
)
ARTICLES = 20


@dataclass(frozen=True, slots=True)
class Repeating:
    """One article: its page, the blocks that its author wrote, and those that the outlet put between them."""

    url: str
    title: str
    html: bytes
    written: tuple[str, ...]
    put_in: tuple[str, ...]


def outlet(layout: str, articles: int = ARTICLES) -> list[Repeating]:
    """The articles of one outlet, and what a crawl would fetch of each."""
    titles = [_title(layout, number) for number in range(articles)]
    drawn = [_article(layout, number, titles) for number in range(articles)]
    room = newsroom([story for story, _, _ in drawn])
    return [
        Repeating(HOME + story.url, story.title, room.respond(story.url).body, written, put_in)
        for story, written, put_in in drawn
    ]


def newsroom(stories: list[Story]) -> Newsroom:
    """A newsroom of these stories and no others."""
    return replace(Newsroom(), stories=tuple(stories))


def stories(layout: str, articles: int = ARTICLES) -> Iterator[Story]:
    """The stories of one outlet as its pages have them, with all that the outlet puts in."""
    titles = [_title(layout, number) for number in range(articles)]
    for number in range(articles):
        yield _article(layout, number, titles)[0]


def _article(layout: str, number: int, titles: list[str]) -> tuple[Story, tuple[str, ...], tuple[str, ...]]:
    data = OUTLETS[layout]
    count = len(data["sentences"])
    # Each article takes its sentences in another order, so that honest ones stand at no fixed place.
    own = [_fill(data, data["sentences"][(number * 3 + at) % count], number, at) for at in range(count)]
    paragraphs = [own[at] + " " + own[at + 1] for at in range(0, count, 2)]
    blocks: list[tuple[str, bool]] = [(text, True) for text in paragraphs]
    if number % 5 < 2:  # 8 of 20
        blocks.insert(2, ("## " + data["honest_heading"], True))
    if number % 5 == 3:  # 4 of 20
        blocks.insert(1 + number % 3, (data["honest_sentence"], True))
    if number % 2:  # 10 of 20
        blocks.append((data["credits"][number % 4 == 1], True))
    headline = titles[(number + 7) % len(titles)]
    blocks.insert(0, (_fill(data, data["top"][0], number, 0), False))
    blocks.insert(3, (data["middle"][0], False))
    blocks.insert(5, (data["word"], False))
    blocks.append((data["label"], False))
    variants = data["last"]
    blocks.append((variants[number % 2], False))  # in turn
    if number % 5 in (1, 4):  # 8 of 20
        blocks.append((data["seldom"], False))
    blocks += [(text.format(headline=headline), False) for text in variants[2:]]
    day = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC) + dt.timedelta(hours=9 * number)
    story = Story(
        slug=f"{layout}-{number}",
        url=f"/{layout}/2026/03/article-{number:02}.html",
        layout=layout,
        title=titles[number],
        published=day,
        pages=tuple(parse_pages("\n\n".join(text for text, _ in blocks))),
        language=data["language"],
        authors=(data["people"][number % 5] + (" Moor" if data["language"] != "ja" else "一郎"),),
        section="Tech",
        tags=("harbour", "machines"),
    )
    written = tuple(text.removeprefix("## ") for text, honest in blocks if honest)
    return story, written, tuple(text for text, honest in blocks if not honest)


def _title(layout: str, number: int) -> str:
    data = OUTLETS[layout]
    return _fill(data, data["titles"][number % len(data["titles"])], number, 0)


def _fill(data: dict[str, Any], form: str, number: int, at: int) -> str:
    pick = {"place": "places", "firm": "firms", "person": "people", "thing": "things"}
    words = {
        name: data[many][(number // step) % len(data[many])]
        for step, (name, many) in zip((1, 2, 1, 3), pick.items(), strict=True)
    }
    return form.format(n=11 + 7 * number + at, **words)
