"""The archive: what a crawl keeps of its pages, whole after a kill, and the records that it gives once more."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from cleaners.page import Page
from crawler.archive import archive_writer as archive_writer
from crawler.archive.archive_files import delete_archives_before, repair_archive, whole_files
from crawler.archive.archive_writer import ArchiveWriter
from crawler.archive.capture import Capture, read_captures
from crawler.archive.payload_index import PayloadIndex
from crawler.archive.warc_records import BrokenRecord
from crawler.items import Continuation, FetchedPage
from crawler.newsroom.fixture_site import HERE, Newsroom
from crawler.newsroom.newsroom_server import serve_newsroom
from crawler.newsroom.story import Story, load_stories
from output import read
from tests.support.killing import Crawls, Point

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
SCRAPY = str(Path(sys.executable).with_name("scrapy"))
ARGUMENTS = (
    "-a", "start=http://newsroom.example/", "-s", "DOWNLOAD_DELAY=0", "-s", "WINNOW_CONTACT=a@b.example",
    "-s", "CLEAN_WORKERS=1", "-s", "ARCHIVE=True",
)  # fmt: skip
SLUGS = ("classic-ferry-strike", "classic-grain-exchange", "halden-deliveries", "harbour-robots", "ja-chip-factory",
         "patch-tuesday-dock-cranes", "open-source-forklift", "pension-fund-fibre")  # fmt: skip
YOUNG = "harbour-robots"
RUN = "20260304T050607Z-abcdef"
MOMENT = datetime(2026, 3, 4, 5, 6, 7, 123456, tzinfo=UTC)


@pytest.fixture(scope="module")
def whole_room() -> Iterator[Crawls]:
    """Crawls of the whole newsroom, with its broken pages and articles of several pages."""
    with serve_newsroom(Newsroom()) as proxy, Crawls(proxy) as crawls:
        yield crawls


@pytest.fixture(scope="module")
def archived(whole_room: Crawls, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one crawl, archived in files of 50 kB."""
    data = tmp_path_factory.mktemp("archived")
    assert whole_room.crawl(data, *ARGUMENTS, "-s", "ARCHIVE_MAX_MB=0.05") == 0
    return data


def reclean(data: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [SCRAPY, "reclean", "-s", f"DATA_DIR={data}", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)
    assert "Traceback" not in done.stderr
    return done


def lines(folder: Path, name: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    records = [json.loads(line) for path in folder.glob(f"{name}/*/*.jsonl") for line in path.read_bytes().splitlines()]
    found = {(record["run"], record["id"], record.get("revision"), record["url"]): record for record in records}
    assert len(found) == len(records)
    return found


def archived_types(path: Path) -> Counter[str]:
    """The records of a file by type, their digests checked by warcio."""
    types: Counter[str] = Counter()
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            record.content_stream().read()
            assert record.rec_headers.protocol == "WARC/1.1"
            types[record.rec_type] += 1
    return types


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_page_is_in_files_that_others_can_read(archived: Path) -> None:
    (paths,) = whole_files(archived).values()
    assert [path.name[-14:] for path in paths] == [f"-{n:05}.warc.gz"[-14:] for n in range(1, len(paths) + 1)]
    assert len(paths) >= 3
    assert all(50_000 <= path.stat().st_size < 120_000 for path in paths[:-1])
    assert list(archived.rglob("*.part")) == []
    types = sum((archived_types(path) for path in paths), Counter[str]())
    captures = [capture for path in paths for capture in read_captures(path)]
    assert not any(isinstance(capture, BrokenRecord) for capture in captures)
    pages = sum(1 + len(capture.fetched.page.more) for capture in captures if isinstance(capture, Capture))
    assert types == {"warcinfo": len(paths), "response": pages, "metadata": pages}
    assert pages > len(captures)  # an article of two pages
    asked = {capture.fetched.requested_url for capture in captures if isinstance(capture, Capture)}
    assert {record["requested_url"] for record in lines(archived, "articles").values()} <= asked


def test_reclean_gives_the_records_of_the_crawl(archived: Path, tmp_path: Path) -> None:
    before = tree(archived)
    done = reclean(archived, "-o", tmp_path / "new")
    assert (done.returncode, done.stderr) == (0, "")
    again, first = lines(tmp_path / "new", "articles"), lines(archived, "articles")
    assert again == first
    assert len(again) > 20
    assert f"{len(again)} articles" in done.stdout
    assert "0 changed, 0 new; 0 are no longer articles" in done.stdout
    # Rejects too, but for URLs that gave no page.
    rejects, stored = lines(tmp_path / "new", "rejects"), lines(archived, "rejects")
    assert len(rejects) >= 6
    assert rejects.items() <= stored.items()
    assert {stored[key]["reason"] for key in stored.keys() - rejects.keys()} <= {
        "http_error", "robots", "redirected_off_site", "not_html", "download_failed", "private_address", "too_large",
    }  # fmt: skip
    assert tree(archived) == before
    assert [record["id"] for record in read(tmp_path / "new")] == [key[1] for key in again]


def test_without_the_lines_of_the_crawl_its_versions_are_found_anew(archived: Path, tmp_path: Path) -> None:
    shutil.copytree(archived / "archive", tmp_path / "archive")
    done = reclean(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    (folder,) = (tmp_path / "recleaned").iterdir()
    settled = {"duplicate_of": None, "similarity": None}  # what is not looked for
    again = {key: record | settled for key, record in lines(folder, "articles").items()}
    first = {key: record | settled for key, record in lines(archived, "articles").items()}
    assert first.items() <= again.items()


def test_a_broken_record_costs_its_article_and_is_named(archived: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(archived, data)
    (paths,) = whole_files(data).values()
    with paths[0].open("r+b") as file:
        file.seek(20_000)
        file.write(bytes(50))
    done = reclean(data, "-o", tmp_path / "new")
    assert done.returncode == 3
    told = done.stderr.splitlines()
    assert len(told) == 1
    assert told[0].startswith(f"{paths[0]}, byte ")
    assert len(lines(tmp_path / "new", "articles").keys() ^ lines(data, "articles").keys()) <= 1
    assert "could not be read" in done.stdout


@pytest.mark.slow
def test_of_some_days_and_one_site(archived: Path, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    far = (today + timedelta(days=3)).isoformat()
    done = reclean(archived, "--since", far, "-o", tmp_path / "none")
    assert done.returncode == 1
    assert "no files of these days in " in done.stderr
    assert not (tmp_path / "none").exists()
    span = ("--since", (today - timedelta(days=2)).isoformat(), "--until", far)
    done = reclean(archived, *span, "--site", "other.example", "-o", tmp_path / "other")
    assert (done.returncode, done.stdout.split()[0]) == (0, "0")
    done = reclean(archived, *span, "--site", "newsroom.example", "-o", tmp_path / "own", "--jobs", "1")
    assert lines(tmp_path / "own", "articles") == lines(archived, "articles")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--since", "yesterday"), 2, "--since yesterday: not a date"),
        (("--jobs", "0"), 2, "--jobs must be 1 or more"),
        (("page.html",), 2, "reclean takes options only"),
        (("-o", "{data}"), 1, "exists already; name a new folder"),
        (("-s", "DATA_DIR={empty}"), 1, "; crawl with -s ARCHIVE=True to write them"),
    ],
)
def test_wrong_usage_is_told_in_a_line(
    archived: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = reclean(archived, *(one.format(data=archived, empty=tmp_path) for one in arguments))
    assert done.returncode == code
    assert said in done.stderr


def room(folder: Path, *, changed: str = "") -> Newsroom:
    """A few stories, one of them young, which may have changed."""
    folder.mkdir()
    for slug in SLUGS:
        shutil.copy(HERE / "stories" / f"{slug}.md", folder)
    with (folder / f"{YOUNG}.md").open("a", encoding="utf-8") as file:
        file.write(changed)

    def young(story: Story) -> Story:
        just_now = datetime.now(UTC) - timedelta(minutes=30)
        return replace(story, published=just_now, modified=None) if story.slug == YOUNG else story

    return Newsroom(stories=tuple(map(young, load_stories(folder))), fixtures=())


@pytest.mark.slow
def test_a_second_version_is_one_again_and_old_days_go(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = tmp_path / "data"
    with Crawls(f"http://127.0.0.1:{port}") as crawls:
        with serve_newsroom(room(tmp_path / "a"), port=port):
            assert crawls.crawl(data, *ARGUMENTS) == 0
        with serve_newsroom(
            room(tmp_path / "b", changed="\n\nThe port said that it had sold two of them.\n"), port=port
        ):
            old = data / "archive" / "2020-01-01"
            old.mkdir()
            later = ("-s", "CLOCK=tests.support.clocks.in_two_hours", "-s", "ARCHIVE_DAYS=30")
            assert crawls.crawl(data, *ARGUMENTS, *later) == 0
            assert not old.exists()
    first = lines(data, "articles")
    (second,) = (record for record in first.values() if record["revision"] == 2)
    done = reclean(data, "-o", tmp_path / "new")
    assert done.returncode == 0
    again = lines(tmp_path / "new", "articles")
    assert again.keys() == first.keys()
    assert second["previous_hash"] in {record["content_hash"] for record in again.values()}
    for name in ("text", "content_hash", "previous_hash", "fetched", "run", "title", "published"):
        assert {key: one[name] for key, one in again.items()} == {key: one[name] for key, one in first.items()}, name


@pytest.mark.parametrize(
    ("when", "count"),
    [
        ("torn", 5),
        *(pytest.param(*other, marks=pytest.mark.slow) for other in (("torn", 1), ("after", 1), ("after", 5))),
    ],
)
def test_a_kill_while_writing_costs_the_page_under_way_at_most(tmp_path: Path, when: Any, count: int) -> None:
    data = tmp_path / "data"
    writing = Point("crawler.archive.archive_writer:write_whole", when, count)
    with serve_newsroom(room(tmp_path / "stories")) as proxy, Crawls(proxy) as crawls:
        assert crawls.crawl(data, *ARGUMENTS, point=writing) == -signal.SIGKILL
        (part,) = data.rglob("*.warc.gz.part")
        held = part.stat().st_size
        assert crawls.crawl(data, *ARGUMENTS, "-s", "ARCHIVE=False" if count == 1 else "ARCHIVE=True") == 0
    assert list(data.rglob("*.part")) == []
    whole = part.with_name(part.name.removesuffix(".part"))
    kept = []
    if whole.exists():
        assert whole.stat().st_size <= held
        archived_types(whole)
        kept = [capture for capture in read_captures(whole) if isinstance(capture, Capture)]
    assert len(kept) == (count if when == "after" else count - 1)
    if count > 1:  # each article once, though a page may have been fetched twice
        assert reclean(data, "-o", tmp_path / "new").returncode == 0
        assert lines(tmp_path / "new", "articles").keys() == lines(data, "articles").keys()
        assert len(lines(data, "articles")) >= 7


def fetched(body: bytes = b"<p>One", *, revisit_of: str | None = None) -> FetchedPage:
    headers = {"content-type": "text/html", "transfer-encoding": "chunked", "content-encoding": "br", "etag": '"a"'}
    headers["x-robots-tag"] = "noai"
    page = Page("https://news.example/a?page=1", body, headers, MOMENT, (b"<p>Two", b""), "<b>From the feed\r\n</b>")
    continued = (
        Continuation("https://news.example/a?page=2", 200, {"content-type": "text/html"}),
        Continuation("https://news.example/a?page=3", 203, {}),
    )
    rights: Any = {"tdm_reservation": {"tdmrep.json": "1"}}
    return FetchedPage(
        page, "https://news.example/a", "news.example", 200, "Títle", "2026-03-04", rights, revisit_of, continued
    )


def write(data: Path, *pages: FetchedPage, run: str = RUN) -> Path:
    writer = ArchiveWriter(data, run, 1_000_000, "winnow", PayloadIndex(data, MOMENT))
    for page in pages:
        writer.write(Capture(run, page))
    writer.finish()
    return whole_files(data)[run][-1]


def test_a_capture_comes_back_as_it_was(tmp_path: Path) -> None:
    (back,) = read_captures(write(tmp_path, fetched()))
    assert isinstance(back, Capture)
    page = back.fetched.page
    of_the_wire = {"x-crawler-transfer-encoding": "chunked", "x-crawler-content-encoding": "br", "content-length": "6"}
    assert page.headers == {"content-type": "text/html", "etag": '"a"', "x-robots-tag": "noai", **of_the_wire}
    same = replace(fetched().page, headers=page.headers)
    bare = replace(fetched(), page=same, continued=back.fetched.continued)
    assert (back.run, back.unchanged, back.fetched) == (RUN, False, bare)
    assert [(more.url, more.status) for more in back.fetched.continued] == [
        ("https://news.example/a?page=2", 200),
        ("https://news.example/a?page=3", 203),
    ]


def test_a_page_that_has_not_changed_is_not_kept_twice(tmp_path: Path) -> None:
    later = "20260304T090607Z-abcdef"
    write(tmp_path, fetched())
    path = write(tmp_path, fetched(revisit_of="0" * 16), fetched(b"<p>Changed", revisit_of="0" * 16), run=later)
    assert archived_types(path) == {"warcinfo": 1, "revisit": 3, "response": 3, "metadata": 6}
    first, second = (one for one in read_captures(path) if isinstance(one, Capture))
    assert (first.unchanged, first.fetched.revisit_of) == (True, "0" * 16)
    assert (second.unchanged, second.fetched.page.html) == (False, b"<p>Changed")
    with path.open("rb") as file:
        revisit = next(record for record in ArchiveIterator(file) if record.rec_type == "revisit")
        headers = revisit.rec_headers
        assert headers.get_header("WARC-Profile").endswith("/warc/1.1/revisit/identical-payload-digest")
        assert headers.get_header("WARC-Refers-To-Date") == "2026-03-04T05:06:07.123456Z"
        assert re.fullmatch(r"sha1:[A-Z2-7]{32}", headers.get_header("WARC-Payload-Digest"))


def test_a_broken_file_of_digests_is_made_anew(tmp_path: Path) -> None:
    write(tmp_path, fetched())
    for path in (tmp_path / "archive").glob("payloads.db*"):
        path.write_bytes(b"no database" * 1000)
    path = write(tmp_path, fetched(revisit_of="0" * 16), run="20260304T090607Z-abcdef")
    assert archived_types(path) == {"warcinfo": 1, "response": 3, "metadata": 3}


def test_a_full_disk_takes_back_what_it_cut_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = True

    def write_some(descriptor: int, data: bytes) -> None:
        os.write(descriptor, data[: len(data) // 2] if full else data)
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archive_writer, "write_whole", write_some)
    writer = ArchiveWriter(tmp_path, RUN, 1_000_000, "winnow", PayloadIndex(tmp_path, MOMENT))
    with pytest.raises(OSError, match="No space left"):
        writer.write(Capture(RUN, fetched()))
    assert list(tmp_path.rglob("*.part")) == []
    full = False
    writer.write(Capture(RUN, fetched()))
    full = True
    with pytest.raises(OSError, match="No space left"):
        writer.write(Capture(RUN, fetched(b"<p>More")))
    writer.finish()
    (path,) = whole_files(tmp_path)[RUN]
    assert [one.fetched.page.html for one in read_captures(path) if isinstance(one, Capture)] == [b"<p>One"]


def test_what_a_power_failure_left_empty_is_cut_off(tmp_path: Path) -> None:
    path = write(tmp_path, fetched())
    whole = path.read_bytes()
    part = path.with_name(path.name + ".part")
    path.rename(part)
    part.write_bytes(whole + bytes(4096))
    empty = part.with_name(path.name.replace("00001", "00002") + ".part")
    empty.touch()
    assert repair_archive(tmp_path) == [path]
    assert (path.read_bytes(), part.exists(), empty.exists()) == (whole, False, False)


def test_what_no_crawl_archived_is_set_aside_once(tmp_path: Path) -> None:
    folder = tmp_path / "archive" / "2026-03-04"
    folder.mkdir(parents=True)
    parts = [folder / f"{RUN}-0000{number}.warc.gz.part" for number in range(5)]
    parts[0].write_text("a download of another program")
    parts[1].mkdir()
    os.mkfifo(parts[2])
    parts[3].symlink_to("/dev/zero")
    parts[4].write_bytes(bytes(4096))  # what a power failure leaves
    assert repair_archive(tmp_path) == []
    assert {path.name for path in folder.iterdir()} == {f"{part.name}.unreadable" for part in parts[:4]}
    assert repair_archive(tmp_path) == []
    assert whole_files(tmp_path) == {}


def test_old_days_go_and_other_folders_stay(tmp_path: Path) -> None:
    for run in (RUN, "20260305T050607Z-abcdef"):
        write(tmp_path, fetched(), run=run)
    (tmp_path / "archive" / "of another").mkdir()
    assert delete_archives_before(tmp_path, date(2026, 3, 5)) == 1
    assert list(whole_files(tmp_path)) == ["20260305T050607Z-abcdef"]
    assert (tmp_path / "archive" / "of another").exists()
