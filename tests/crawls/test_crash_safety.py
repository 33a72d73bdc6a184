"""Interrupt crawls at any instant: after the next crawl, every article is complete in exactly one finished file."""

from __future__ import annotations

import hashlib
import json
import random
import signal
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from crawler.newsroom.fixture_site import HERE, Newsroom
from crawler.newsroom.newsroom_server import serve_newsroom
from crawler.newsroom.story import load_stories
from tests.support.killing import Crawls, Point
from tests.support.small_disk import SmallDisk, on_it, why_not

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ARGUMENTS = (
    "-a", "start=http://newsroom.example/", "-s", "DOWNLOAD_DELAY=0", "-s", "WINNOW_CONTACT=a@b.example",
    "-s", "CLEAN_WORKERS=1",
)  # fmt: skip
SLUGS = ("classic-ferry-strike", "classic-grain-exchange", "halden-deliveries", "harbour-robots", "ja-chip-factory",
         "patch-tuesday-dock-cranes", "open-source-forklift", "pension-fund-fibre")  # fmt: skip

STORIES = tuple(story for story in load_stories(HERE / "stories") if story.slug in SLUGS)

# The parts of each phase, and how often each is called at least in a crawl of these stories.
PHASES: dict[str, list[tuple[str, str, int]]] = {
    "discovery": [
        ("crawler.frontier.frontier:Frontier.select_due", "before", 3),
        ("crawler.frontier.frontier:Frontier.select_due", "after", 3),
        ("output.state.known_urls:record_found", "after", 2),
        ("crawler.frontier.frontier:Frontier.record_source_read", "before", 3),
        ("crawler.frontier.frontier:Frontier.record_source_read", "after", 3),
    ],
    "cleaning": [
        ("crawler.pipelines.clean_page:CleanPipeline.process_item", "before", 8),
        ("crawler.pipelines.clean_page:CleanPipeline.process_item", "after", 8),
        ("crawler.pipelines.make_record:RecordPipeline.process_item", "before", 8),
    ],
    "write": [
        ("output.files.record_file:write_whole", "before", 8),
        ("output.files.record_file:write_whole", "torn", 8),
        ("output.files.record_file:write_whole", "torn", 8),
        ("output.files.record_file:write_whole", "after", 8),
    ],
    "state commit": [
        ("output.state.commit:Commit.add_articles", "before", 1),
        ("output.state.commit:Commit.add_articles", "after", 1),
        ("output.state.commit:Commit.add_notes", "after", 1),
        ("output.state.run_stages:advance_run", "after", 1),
        ("output.files.finalize:RunFinalizer._commit_records", "after", 1),
        ("crawler.extensions.run_journal:append_run", "before", 1),
        ("crawler.extensions.run_journal:append_run", "after", 1),
        ("output.files.finalize:RunFinalizer.mark_finished", "after", 1),
    ],
    "rename": [
        ("output.files.record_file:_rewrite", "before", 2),
        ("output.files.record_file:_rewrite", "after", 2),
        ("output.files.finalize:RecordCounts.count_each", "after", 2),
        ("output.files.record_file:sync_folder", "before", 4),
        ("output.files.record_file:sync_folder", "after", 4),
    ],
    "recovery": [
        ("output.files.part_repair:_cut_torn_line", "before", 1),
        ("output.files.part_repair:sync_name", "after", 1),
        ("output.state.commit:Commit.add_articles", "after", 1),
        ("output.files.finalize:RunFinalizer._commit_records", "after", 1),
        ("output.files.record_file:_rewrite", "after", 1),
        ("output.files.record_file:sync_folder", "before", 2),
        ("output.files.recovery:append_run", "before", 1),
        ("output.files.recovery:append_run", "after", 1),
        ("output.files.finalize:RunFinalizer.mark_finished", "after", 1),
    ],
}
INSTANTS = 5


def instants(phase: str, seed: int = 20260101) -> list[Point]:
    """Choose five instants of a phase: each part in turn, in seeded order, at a seeded call."""
    dice = random.Random(f"{seed} {phase}")
    parts = PHASES[phase]
    chosen = dice.sample(parts, min(INSTANTS, len(parts)))
    chosen += dice.choices(parts, k=INSTANTS - len(chosen))
    return [Point(where, when, dice.randint(1, most)) for where, when, most in chosen]  # type: ignore[arg-type]


@dataclass(frozen=True)
class Feed:
    """Hold what a reader finds in a folder of finished files."""

    hashes: dict[str, str]
    duplicates: int
    broken: int

    def lost(self, whole: Feed) -> int:
        return len(whole.hashes.items() - self.hashes.items())


def feed_of(data: Path) -> Feed:
    records: list[dict[str, Any]] = []
    broken = 0
    for file in sorted(data.glob("articles/*/*.jsonl")):
        for line in file.read_bytes().splitlines(keepends=True):
            try:
                assert line.endswith(b"\n")
                records.append(json.loads(line))
            except (AssertionError, ValueError):
                broken += 1
    ids = Counter((record["id"], record["revision"]) for record in records)
    assert not any(key.startswith("_") for record in records for key in record)
    hashes = {record["id"]: record["content_hash"] for record in records}
    return Feed(hashes, sum(count - 1 for count in ids.values()), broken)


def assert_the_run_log_lists_every_file(data: Path) -> None:
    named = {}
    for line in (data / "runs.jsonl").read_bytes().splitlines():
        for file in json.loads(line)["files"]:
            named[file["path"]] = (file["lines"], file["sha256"])
    there = {}
    for path in data.glob("*/*/*.jsonl"):
        content = path.read_bytes()
        there[path.relative_to(data).as_posix()] = (content.count(b"\n"), hashlib.sha256(content).hexdigest())
    assert named == there


@pytest.fixture(scope="module")
def crawls() -> Iterator[Crawls]:
    assert len(STORIES) == len(SLUGS)
    with serve_newsroom(Newsroom(stories=STORIES)) as proxy, Crawls(proxy) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(crawls: Crawls, tmp_path_factory: pytest.TempPathFactory) -> Feed:
    data = tmp_path_factory.mktemp("undisturbed")
    assert crawls.crawl(data, *ARGUMENTS) == 0
    found = feed_of(data)
    assert len(found.hashes) >= 7
    return found


@pytest.mark.parametrize(
    "some", [slice(2), pytest.param(slice(2, INSTANTS), marks=pytest.mark.slow)], ids=["1-2", "3-5"]
)
@pytest.mark.parametrize("phase", PHASES)
def test_killed_at_any_instant_nothing_is_lost_nothing_doubled_nothing_broken(
    phase: str,
    some: slice,
    crawls: Crawls,
    undisturbed: Feed,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    for number, point in enumerate(instants(phase)[some]):
        data = tmp_path / str(number)
        if phase == "recovery":
            crawls.crawl(data, *ARGUMENTS, point=Point("output.files.record_file:write_whole", "torn", 5))
        assert crawls.crawl(data, *ARGUMENTS, point=point) == -signal.SIGKILL, f"{point} was not reached"
        assert crawls.crawl(data, *ARGUMENTS) == 0
        found = feed_of(data)
        lost = found.lost(undisturbed)
        record_property(
            "table", f"{phase:14} {point!s:38} lost {lost} duplicates {found.duplicates} broken lines {found.broken}"
        )
        assert found.hashes == undisturbed.hashes, point
        assert (found.duplicates, found.broken) == (0, 0), point
        assert [path.name for path in data.rglob("*.jsonl.*")] == []
        assert_the_run_log_lists_every_file(data)


# Too little to make the state; too little to record the run's records.
@pytest.mark.parametrize("limit", [9_000, pytest.param(90_000, marks=pytest.mark.slow)])
def test_a_full_disk_ends_the_run_with_1_and_the_next_run_finishes_it(
    limit: int, crawls: Crawls, undisturbed: Feed, tmp_path: Path
) -> None:
    errors, data = tmp_path / "errors", tmp_path / "data"
    assert crawls.crawl(data, *ARGUMENTS, limit=limit, errors=errors) == 1
    message = errors.read_text()
    assert f"{data / 'state.db'} cannot be used" in message
    assert "Traceback" not in message
    assert list(data.rglob("*.jsonl")) in ([], [data / "runs.jsonl"])
    assert crawls.crawl(data, *ARGUMENTS) == 0
    found = feed_of(data)
    assert (found.hashes, found.duplicates, found.broken) == (undisturbed.hashes, 0, 0)
    assert list(data.rglob("*.part")) == []
    assert_the_run_log_lists_every_file(data)


@pytest.fixture(scope="module")
def nearly_full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallDisk, Crawls]]:
    """Run crawls that see a small disk."""
    folder = tmp_path_factory.mktemp("disk")
    if reason := why_not(folder):
        pytest.skip(f"no small disk can be mounted here: {reason}")
    with serve_newsroom(Newsroom(stories=STORIES)) as proxy, Crawls(proxy, on_it(folder)) as running:
        assert running.crawl(folder.parent / "first", *ARGUMENTS) == 0  # it responds, so it is on its disk
        yield SmallDisk(folder, running.process), running


@pytest.mark.parametrize(
    ("kilobytes", "state_is_elsewhere"),
    [
        (280, False),  # too little for the final transaction
        (40, True),  # for the records
        (60, True),  # for their files, beside the `.part`
        *(pytest.param(size, False, marks=pytest.mark.slow) for size in range(80, 260, 40)),
    ],
)
def test_on_a_disk_that_is_full_nothing_is_lost(
    kilobytes: int, state_is_elsewhere: bool, nearly_full: tuple[SmallDisk, Crawls], undisturbed: Feed, tmp_path: Path
) -> None:
    disk, crawls = nearly_full
    errors, name = tmp_path / "errors", f"{kilobytes}-{state_is_elsewhere}"
    arguments = (*ARGUMENTS, "-s", f"STATE_URL=sqlite:///{tmp_path}/state.db") if state_is_elsewhere else ARGUMENTS
    disk.leave(kilobytes)
    assert crawls.crawl(disk.folder / name, *arguments, errors=errors) == 1
    assert "No space left on device" in (said := errors.read_text()) or "disk is full" in said
    assert "Traceback" not in said
    assert feed_of(disk.path / name) == Feed({}, 0, 0)
    assert crawls.crawl(disk.folder / name, *arguments) == 1  # still full
    disk.free_space()
    assert crawls.crawl(disk.folder / name, *arguments) == 0
    assert feed_of(disk.path / name) == undisturbed
    assert list((disk.path / name).rglob("*.part")) == []
    assert_the_run_log_lists_every_file(disk.path / name)
