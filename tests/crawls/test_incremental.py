"""Crawls one after the other of an outlet that changes: only what is new is fetched, only what changed is written."""

from __future__ import annotations

import json
import shutil
import socket
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from crawler.newsroom.fixture_site import HERE, Newsroom
from crawler.newsroom.newsroom_server import serve_newsroom
from crawler.newsroom.story import Fixture, Story, load_stories
from output import read
from tests.support.killing import Crawls

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARGUMENTS = ("-a", "start=http://newsroom.example/", "-s", "DOWNLOAD_DELAY=0", "-s", "WINNOW_CONTACT=a@b.example")
YOUNG, OLD, NEW = "harbour-robots", "pension-fund-fibre", "patch-tuesday-dock-cranes"
JUST_NOW = datetime.now(UTC) - timedelta(minutes=30)
CHANGED = "\n\nThe port said on Friday that it had sold two of the machines to a harbour in the north.\n"


def stories(folder: Path, *slugs: str, changed: str = "") -> tuple[Story, ...]:
    """Stories of the newsroom, that one just published which may change."""
    folder.mkdir()
    for slug in slugs:
        shutil.copy(HERE / "stories" / f"{slug}.md", folder)
    if changed:
        with (folder / f"{YOUNG}.md").open("a", encoding="utf-8") as file:
            file.write(changed)
    return tuple(
        replace(story, published=JUST_NOW, modified=None) if story.slug == YOUNG else story
        for story in load_stories(folder)
    )


@dataclass
class Outlet:
    """The outlet behind one proxy, whatever it serves, and the crawls of it into one folder."""

    port: int
    crawls: Crawls
    folder: Path
    runs: int = 0

    def crawl(self, room: tuple[Story, ...], *arguments: str) -> dict[str, int]:
        """Crawl while the outlet has these stories; the status of each answer by path, robots.txt left out.

        Whatever the run does, no file that was finished before it changes.
        """
        self.runs += 1
        before = self.finished()
        log = self.folder / f"{self.runs}.log"
        log.touch()
        with serve_newsroom(Newsroom(stories=room, fixtures=()), port=self.port, log=log):
            assert self.crawls.crawl(self.data, *ARGUMENTS, *arguments) == 0
        assert before.items() <= self.finished().items()
        rows = [json.loads(line) for line in log.read_text().splitlines()]
        return {path: row["status"] for row in rows if (path := row["url"].partition(".example")[2]) != "/robots.txt"}

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def finished(self) -> dict[Path, tuple[int, bytes]]:
        """The finished files, each with the time of its last change and its content."""
        return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in self.data.glob("*/*/*.jsonl")}

    def last_run(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data / "runs.jsonl").read_bytes().splitlines()[-1])
        return found


@pytest.fixture
def outlet(tmp_path: Path) -> Iterator[Outlet]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Crawls(f"http://127.0.0.1:{port}") as crawls:
        yield Outlet(port, crawls, tmp_path)


def later(clock: str) -> tuple[str, str]:
    return "-s", f"CLOCK=tests.support.clocks.{clock}"


def test_a_year_in_short(outlet: Outlet, tmp_path: Path) -> None:
    first = stories(tmp_path / "first", YOUNG, OLD)
    young = next(story.url for story in first if story.slug == YOUNG)

    asked = outlet.crawl(first)
    assert {asked[story.url] for story in first} == {200}
    records = list(read(outlet.data))
    assert len(records) == 2

    asked = outlet.crawl(first)
    assert set(asked.values()) == {304}
    assert not {story.url for story in first} & set(asked)
    assert outlet.last_run()["files"] == []

    asked = outlet.crawl(first, *later("in_two_hours"))
    assert asked[young] == 304
    assert next(story.url for story in first if story.slug == OLD) not in asked
    assert len(list(read(outlet.data))) == 2

    second = stories(tmp_path / "second", YOUNG, OLD, NEW)
    new = next(story.url for story in second if story.slug == NEW)
    asked = outlet.crawl(second, *later("in_two_hours"))
    assert {path: asked[path] for path in asked if path in {story.url for story in second}} == {new: 200}
    assert [record["canonical_url"].endswith(new) for record in read(outlet.data, since=records[0]["run"])] == [True]

    third = stories(tmp_path / "third", YOUNG, OLD, NEW, changed=CHANGED)
    asked = outlet.crawl(third, *later("in_four_hours"))
    assert asked[young] == 200
    before, after = (record for record in read(outlet.data) if record["canonical_url"].endswith(young))
    assert (after["id"], after["revision"], after["previous_hash"]) == (before["id"], 2, before["content_hash"])
    assert CHANGED.strip() in after["text"]
    assert CHANGED.strip() not in before["text"]
    newest = [record["revision"] for record in read(outlet.data, newest=True)]
    assert sorted(newest) == [1, 1, 2]

    asked = outlet.crawl(third, *later("in_three_days"))  # once more, after 27 hours; then it is old
    assert asked[young] == 304
    assert young not in outlet.crawl(third, *later("in_three_days"))


@pytest.mark.slow
def test_articles_that_are_named_are_fetched_unless_they_have_a_record(outlet: Outlet, tmp_path: Path) -> None:
    room = stories(tmp_path / "stories", YOUNG, OLD)
    named = tmp_path / "urls.txt"
    named.write_text("".join(f"http://newsroom.example{story.url}\n" for story in room[:1]))
    only = ("-a", f"urls={named}")
    outlet.crawl(room, "-a", "limit=5")
    with serve_newsroom(Newsroom(stories=room, fixtures=()), port=outlet.port, log=tmp_path / "log"):
        assert outlet.crawls.crawl(outlet.data, *only, *ARGUMENTS[2:]) == 0
        other = tmp_path / "other"
        assert outlet.crawls.crawl(other, *only, *ARGUMENTS[2:]) == 0
    assert len(list(read(outlet.data))) == 2
    assert len(list(read(other))) == 1


def test_an_article_that_fails_is_tried_again_after_a_pause(outlet: Outlet, tmp_path: Path) -> None:
    room = stories(tmp_path / "stories", YOUNG, OLD)
    down = Fixture(next(story.url for story in room if story.slug == OLD), status=500)
    arguments = ("-s", "RETRY_TIMES=0")

    def crawl(*fixtures: Fixture, clock: str = "") -> int | None:
        extra = later(clock) if clock else ()
        log = tmp_path / f"{outlet.runs}.failing"
        outlet.runs += 1
        with serve_newsroom(Newsroom(stories=room, fixtures=fixtures), port=outlet.port, log=log):
            assert outlet.crawls.crawl(outlet.data, *ARGUMENTS, *arguments, *extra) == 0
        rows = [json.loads(line) for line in log.read_text().splitlines()]
        return next((row["status"] for row in rows if row["url"].endswith(down.path)), None)

    assert crawl(down) == 500
    assert crawl() is None  # not yet
    assert len(list(read(outlet.data))) == 1
    assert (
        crawl(down, clock="in_two_hours") == 500
    )  # which is all that this run asked for, and no failure of the outlet
    assert crawl(clock="in_four_hours") == 200
    assert sorted(record["revision"] for record in read(outlet.data)) == [1, 1]
