"""The newsroom redesigns its pages under a crawl that knows it: the alarm, the exit code, and who is told."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import socket
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawler.newsroom.fixture_site import HERE, Newsroom
from crawler.newsroom.newsroom_server import serve_newsroom
from crawler.newsroom.story import Story, load_stories
from output import read
from output.monitoring import Symptom
from output.state import State, monitoring_history
from tests.support import recurring
from tests.support.killing import Crawls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SITE = "newsroom.example"
ARGUMENTS = ("-a", f"start=http://{SITE}/", "-s", "DOWNLOAD_DELAY=0", "-s", "WINNOW_CONTACT=a@b.example")
STORIES = {story.slug: story for story in load_stories(HERE / "stories")}
KNOWN = tuple(
    STORIES[slug]
    for slug in (
        "battery-swap-ferries", "ad-revenue-regional-papers", "cloud-bill-town-hall", "patch-tuesday-dock-cranes",
        "open-source-forklift", "port-wine-payments",
    )
)  # fmt: skip
NEW = tuple(
    replace(STORIES[slug], printed=None)  # a second page that would keep its text
    for slug in ("harbour-robots", "pension-fund-fibre", "sunday-delivery-court", "weather-satellites-startup")
)


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def crawls(port: int) -> Iterator[Crawls]:
    with Crawls(f"http://127.0.0.1:{port}") as forked:
        yield forked


@pytest.fixture(scope="module")
def three_weeks(port: int, crawls: Crawls, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that has been crawled for three weeks: what one real run saw, repeated day by day."""
    data = tmp_path_factory.mktemp("watch") / "data"
    with serve_newsroom(Newsroom(stories=KNOWN, fixtures=()), port=port):
        assert crawls.crawl(data, *ARGUMENTS) == 0
    state = State.open(f"sqlite:///{data / 'state.db'}")
    with state.transaction() as connection:
        (seen,) = monitoring_history.histories(connection, [SITE])[SITE]
        assert (seen.articles, seen.dated, seen.first) == (6, 6, True)
        past = [seen]
        for days in range(21, 0, -1):
            one = replace(seen, at=seen.at - timedelta(days=days), first=days == 21, quiet=24.0)
            monitoring_history.add_observations(connection, [(one, past)])
            past = monitoring_history.histories(connection, [SITE])[SITE]
    state.close()
    return data


def crawl(crawls: Crawls, port: int, data: Path, room: Newsroom, *arguments: str) -> int:
    with serve_newsroom(room, port=port):
        return crawls.crawl(data, *ARGUMENTS, *arguments)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def redesigned(folder: Path, change: Callable[[str], str], layout: str = "metro.html") -> Path:
    """The layouts, with a change to the one that new stories have."""
    shutil.copytree(HERE / "layouts", folder)
    for name in (layout, "parts.html"):
        (folder / name).write_text(change((folder / name).read_text()))
    return folder


def without_dates(html: str) -> str:
    html = re.sub(r"<time\b.*?</time>|<meta property=\"article:(published|modified)_time\".*?>", "", html)
    html = re.sub(r'{% call clutter\("timestamp"\) %}.*?{% endcall %}', "", html, flags=re.DOTALL)
    return html.replace('<script type="application/ld+json">{{ ld | json }}</script>', "")


def without_text(html: str) -> str:
    html = re.sub(r'<aside class="pull-quote">.*?</aside>', "", html.replace("{{ story.standfirst }}", ""))
    return re.sub(r"{{ block\(.*?\) }}", "", html)


def halved(story: Story) -> Story:
    return replace(story, pages=tuple(page[: len(page) // 3] for page in story.pages))


REDESIGNS: dict[Symptom, Callable[[Path], Newsroom]] = {
    Symptom.EMPTY_DATES: lambda folder: Newsroom(stories=KNOWN + NEW, layouts=redesigned(folder, without_dates)),
    Symptom.LOST_ARTICLES: lambda folder: Newsroom(stories=KNOWN + NEW, layouts=redesigned(folder, without_text)),
    Symptom.SHORT_TEXTS: lambda _: Newsroom(stories=KNOWN + tuple(map(halved, NEW))),
}


@pytest.mark.parametrize("symptom", REDESIGNS)
def test_a_redesign_is_told(symptom: Symptom, three_weeks: Path, crawls: Crawls, port: int, tmp_path: Path) -> None:
    data = Path(shutil.copytree(three_weeks, tmp_path / "data"))
    room = replace(REDESIGNS[symptom](tmp_path / "layouts"), fixtures=())
    mailed, errors = tmp_path / "mailed", tmp_path / "errors"
    command = (
        f"{shlex.quote(sys.executable)} -c 'import sys; open(sys.argv[1], \"a\").write(sys.stdin.read())' {mailed}"
    )
    with serve_newsroom(room, port=port):
        code = crawls.crawl(data, *ARGUMENTS, "-s", f"ALARM_COMMAND={command}", "-s", "SUMMARY=False", errors=errors)
    assert code == 3
    (alarm,) = lines(data / "alarms.jsonl")
    run = lines(data / "runs.jsonl")[-1]
    assert (alarm["site"], alarm["symptom"], alarm["change"], alarm["run"]) == (SITE, symptom, "raised", run["run"])
    assert alarm["text"].startswith(f"{SITE}: its ")
    assert (run["outcome"], run["exit_code"], run["alarms"]) == ("alarm", 3, [alarm["text"]])
    assert lines(mailed) == [alarm]
    assert alarm["text"] in errors.read_text()


def test_an_ordinary_run_then_silence(three_weeks: Path, crawls: Crawls, port: int, tmp_path: Path) -> None:
    data = Path(shutil.copytree(three_weeks, tmp_path / "data"))
    room = Newsroom(stories=KNOWN + NEW, fixtures=())
    assert crawl(crawls, port, data, room) == 0
    assert len(list(read(data))) == 10
    assert not (data / "alarms.jsonl").exists()
    later = ("-s", "CLOCK=tests.support.clocks.in_three_days")
    assert crawl(crawls, port, data, room, *later) == 3
    assert crawl(crawls, port, data, room, *later) == 0  # told once a day
    (alarm,) = lines(data / "alarms.jsonl")
    assert (alarm["symptom"], alarm["expected"]) == (Symptom.SILENT_FEED, 1.0)
    assert alarm["text"].startswith(
        f"{SITE}: silent: its sources answer, but have listed nothing new for 3.0 days; its longest pause was 24 hours."
    )
    story = STORIES["repair-economy-two-parts"]
    assert crawl(crawls, port, data, replace(room, stories=(story, *room.stories)), *later) == 0
    assert [line["change"] for line in lines(data / "alarms.jsonl")] == ["raised", "ended"]


@pytest.mark.slow
def test_thirty_real_days_then_a_redesign(port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crawl a day of an outlet that publishes a few articles; its clock stands where the test puts it."""
    start, data, clock = datetime(2026, 3, 2, 9, tzinfo=UTC), tmp_path / "data", tmp_path / "clock"
    days = [start + timedelta(days=day) for day in range(40)]
    drawn = list(recurring.stories("blog", 160))
    told = iter(drawn)
    published: list[Story] = []

    def day(number: int, change: Callable[[Newsroom], Newsroom] = lambda room: room, new: int | None = None) -> int:
        moment = days[number]
        count = (1 if moment.weekday() == 6 else 3 + number % 3) if new is None else new
        published[:0] = [replace(next(told), published=moment - timedelta(hours=2 + at)) for at in range(count)]
        clock.write_text(moment.isoformat())
        room = change(Newsroom(stories=tuple(published[:40]), fixtures=()))
        with serve_newsroom(room, port=port):
            return running.crawl(data, *ARGUMENTS, "-s", "CLOCK=tests.support.clocks.as_written")

    monkeypatch.setenv("TEST_CLOCK", str(clock))
    with Crawls(f"http://127.0.0.1:{port}") as running:
        assert [day(number) for number in range(30)] == [0] * 30
        assert not (data / "alarms.jsonl").exists()
        assert len(list(read(data))) == len(published) > 90
        layouts = redesigned(tmp_path / "layouts", without_dates, "blog.html")
        codes = [day(number, lambda room: replace(room, layouts=layouts)) for number in (30, 31)]
        assert 3 in codes
        assert {line["symptom"] for line in lines(data / "alarms.jsonl")} == {Symptom.EMPTY_DATES}
        assert [day(number) for number in (32, 33)][-1] == 0
        assert [line["change"] for line in lines(data / "alarms.jsonl")][-1] == "ended"
        assert day(34) == 0  # a Sunday; then nothing more
        assert 3 in [day(number, new=0) for number in (35, 36)]
        assert lines(data / "alarms.jsonl")[-1]["symptom"] == Symptom.SILENT_FEED
