"""Test `scrapy report`: its figures, its limits, and its messages about broken input."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import orjson
import pytest
from lxml.html import HtmlElement, document_fromstring
from scrapy.settings import Settings

from cleaners.document import Kind
from crawler.pipelines.clean_page import CleanPipeline
from crawler.report import html_report, kind_display
from crawler.report.collect import NothingToReportError, collect_data
from crawler.report.known_blocks import KnownBlocks
from crawler.report.page_sample import archived_pages, site_quota, stored_pages
from crawler.report.site_lookup import OTHER_SITES, SITE_LIMIT, SiteLookup
from crawler.report.site_tally import SiteTally
from crawler.workers.page_cleaner import ThreadPageCleaner
from tests.support.report_data import archive, article, reject, write_run

ROOT = Path(__file__).resolve().parents[3]
SCRAPY = str(Path(sys.executable).with_name("scrapy"))
RUNS = ("20260301T060000Z-aaaaaa", "20260302T060000Z-bbbbbb", "20260304T060000Z-cccccc")
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def report(data: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [SCRAPY, "report", "-s", f"DATA_DIR={data}", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def html_of(data: Path, days: int = 30, pages: int = 50) -> HtmlElement:
    """Return the report of a folder without an archive, made in this process."""
    collected = collect_data(data, days, NOW, warn=print)
    shown = stored_pages(collected.articles, pages, len(collected.report.sites), collected.site_lookup)
    return parse(b"".join(html_report.report_html(collected.report, shown)))


def parse(html: bytes) -> HtmlElement:
    tree = document_fromstring(html)
    assert isinstance(tree, HtmlElement)
    return tree


async def archived(data: Path) -> HtmlElement:
    """Return the report of a folder with an archive, made in this process."""
    cleaning = CleanPipeline(ThreadPageCleaner())
    known = KnownBlocks(Settings({"DATA_DIR": str(data)}))
    try:
        collected = collect_data(data, 30, NOW, print)
        shown = await archived_pages(data, collected.since, 9, 1, cleaning, known, print)
    finally:
        await cleaning.close_spider()
        known.close()
    return parse(b"".join(html_report.report_html(collected.report, shown)))


def rows(html: HtmlElement, section: str) -> dict[str, list[str]]:
    """Return the cells of a section's first table, by the first cell of each row."""
    table = html.cssselect(f"#{section} table")[0]
    cells = [[" ".join(cell.text_content().split()) for cell in row] for row in table.cssselect("tbody tr")]
    return {name: rest for name, *rest in cells}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    first, second, third = RUNS
    write_run(
        folder, first,
        [article(1, first), article(2, first, text="x" * 900), article(3, first, "two.example", authors=[])],
        [reject(9, first), reject(10, first, reason="http_error", detail="HTTP 500", status=500)],
        hosts={"www.one.example": {"answers": 4, "seconds": 8.0, "slowest": 5.5}},
        sites={"one.example": {"failed": False}, "silent.example": {"failed": True}},
    )  # fmt: skip
    copy = article(4, second, "two.example", duplicate_of=f"{1:016x}", similarity=0.93)
    hosts = {
        "www.one.example": {"answers": 1, "seconds": 0.5, "slowest": 0.5},
        "two.example": {"answers": 9, "seconds": 0.9, "slowest": 0.2},
    }
    write_run(folder, second, [article(1, second, revision=2, previous_hash="0" * 32), copy], hosts=hosts)
    write_run(
        folder, third, [article(5, third, removed={"caption": 3, "byline": 1})], outcome="site_failed", exit_code=3
    )
    return folder


def test_each_site_has_its_articles_a_day_yield_length_and_fields(data: Path) -> None:
    html = html_of(data)
    sites = rows(html, "sites")
    assert sites["one.example"][1:6] == ["3", "0.8", "67%", "310", "1.8"]  # 4 records, 2 rejects, 7 dropped blocks
    assert sites["two.example"][1:6] == ["2", "0.5", "100%", "310", "1.0"]
    assert [name for name in sites if name.startswith("silent.example")] == [
        "silent.example not reached in 1 of 1 runs"
    ]
    days = {
        row.cssselect("th")[0].get("data-v"): row.cssselect("svg")[0].get("aria-label")
        for row in html.cssselect("#sites tbody tr")
    }
    assert days["one.example"] == "2, 0, 0, 1"  # the revision of 2 March is no new article
    fields = rows(html, "fields")
    assert fields["one.example"][2] == "100%"
    assert fields["two.example"][2] == "50%"
    assert html.cssselect("h1")[0].text_content() == "1 to 4 March 2026"


def test_rejects_kinds_hosts_copies_and_runs_are_shown(data: Path) -> None:
    html = html_of(data)
    assert rows(html, "rejects")["http error"][0] == "1"
    assert rows(html, "rejects")["http error"][3].endswith("HTTP 500")
    kinds = {
        dt.text_content().strip(): dd.text_content()
        for dt, dd in zip(html.cssselect("#removed dt"), html.cssselect("#removed dd"), strict=True)
    }
    assert kinds["caption"].startswith("3")
    assert kinds["headline"].startswith("5")
    hosts = rows(html, "hosts")
    assert list(hosts) == ["www.one.example", "two.example"]
    assert hosts["www.one.example"] == ["1.70 s", "", "5.5 s", "5"]
    copies = html.cssselect("#copies")[0].text_content()
    assert (
        "repeat an earlier one: 1, including 0 word for word. Later revisions of articles whose text changed: 1."
        in copies
    )
    assert rows(html, "copies")["two.example"] == ["one.example", "1"]
    runs = rows(html, "runs")
    assert list(runs) == ["4 Mar 2026 06:00", "2 Mar 2026 06:00", "1 Mar 2026 06:00"]
    assert runs["4 Mar 2026 06:00"][0] == "site failed"


def test_an_active_alarm_is_shown_until_it_ends(data: Path) -> None:
    def line(at: str, change: str, text: str) -> bytes:
        row = {"at": at, "run": RUNS[0], "site": "one.example", "symptom": "empty_dates", "change": change}
        return orjson.dumps(row | {"text": text, "since": "2026-03-01T06:00:00Z"}) + b"\n"

    lines = line("2026-03-01T06:00:00Z", "raised", "one.example: no dates: run `scrapy explain` on one.")
    (data / "alarms.jsonl").write_bytes(lines)
    html = html_of(data)
    (alarm,) = html.cssselect(".alarm")
    assert "empty dates, since 1 Mar 2026 06:00" in alarm.text_content()
    assert [code.text for code in alarm.cssselect("code")] == ["scrapy explain"]
    assert rows(html, "sites")["one.example"][6] == "1"
    (data / "alarms.jsonl").write_bytes(lines + line("2026-03-02T06:00:00Z", "ended", "over"))
    html = html_of(data)
    assert not html.cssselect(".alarm")
    assert "from 1 Mar 2026 06:00 to 2 Mar 2026 06:00" in html.cssselect("#alarms")[0].text_content()


def test_days_are_counted_back_from_the_newest_run(data: Path) -> None:
    html = html_of(data, days=1)
    assert html.cssselect("h1")[0].text_content() == "4 March 2026"
    assert list(rows(html, "sites")) == ["one.example"]
    assert list(rows(html, "runs")) == ["4 Mar 2026 06:00"]


def test_without_an_archive_the_texts_are_shown_and_what_to_set(data: Path) -> None:
    html = html_of(data, pages=2)
    words = " ".join(html.cssselect("#pages")[0].text_content().split())
    assert "crawl with -s ARCHIVE=True" in words
    assert "2 of 6 articles are shown: the newest, at most 1 from each site" in words
    pages = html.cssselect("details.page")
    assert [page.cssselect(".title")[0].text_content() for page in pages] == ["Story 5", "Story 4"]
    assert "caption 3" in pages[0].text_content()


def test_a_folder_without_runs_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"\xff\xd8")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "runs.jsonl").write_text("{'not': 'ours'}\n[1]\n\n", encoding="utf-8")
    (tmp_path / "other" / "articles").mkdir()
    for name in ("photos", "other"):
        with pytest.raises(NothingToReportError, match="has no runs of Winnow and no records; crawl first"):
            collect_data(tmp_path / name, 30, NOW, print)
    done = report(tmp_path / "nowhere", "-o", tmp_path / "r.html")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "nowhere' does not exist; crawl first, or name another with -s DATA_DIR=FOLDER" in done.stderr
    assert not (tmp_path / "r.html").exists()


def test_the_command_writes_a_whole_file_names_broken_lines_and_replaces_only_by_force(
    data: Path, tmp_path: Path
) -> None:
    (broken,) = (data / "articles" / "2026-03-04").iterdir()
    broken.write_bytes(b'{"id": "torn\n' + broken.read_bytes())
    target = tmp_path / "r.html"
    done = report(data, "-o", target)
    assert done.returncode == 3
    assert f"{broken}, line 1: not an article's record" in done.stderr
    assert done.stdout.startswith(f"{target}: 6 articles of 3 runs, 6 pages")
    assert "unreadable and left out: 1 line." in target.read_text(encoding="utf-8")
    again = report(data, "-o", target)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == f"scrapy report: {target} exists; --force replaces it\n"


def test_nothing_grows_without_bound(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_report, "_BYTE_LIMIT", 1500)
    html = html_of(data)
    shown = html.cssselect("details.page")
    assert 0 < len(shown) < 6
    assert f"{len(shown)} of 6 articles are shown" in " ".join(html.cssselect("#pages")[0].text_content().split())
    assert "as many as fit" in html.cssselect("#pages")[0].text_content()
    lookup = SiteLookup(())
    assert {lookup.name_site(f"https://{n}.example/", f"{n}.example") for n in range(SITE_LIMIT)} == {
        f"{n}.example" for n in range(SITE_LIMIT)
    }
    assert lookup.name_site("https://late.example/", "late.example") == OTHER_SITES
    assert lookup.name_site("https://0.example/a", "0.example") == "0.example"
    lengths = SiteTally(records=3)
    lengths.lengths.update({100: 1, 2400: 1, 90000: 1})
    assert lengths.median == 2400


def test_many_sites_make_no_large_file(tmp_path: Path) -> None:
    run = RUNS[0]
    removed = {kind.value: 2 for kind in Kind}
    articles = [article(n, run, f"site-{n}.example", removed=removed) for n in range(1100)]
    rejects = [reject(5000 + n, run, f"site-{n}.example", detail="w" * 2000) for n in range(1100)]
    hosts = {f"www.site-{n}.example": {"answers": 3, "seconds": 1.0, "slowest": 1.0} for n in range(6000)}
    write_run(tmp_path, run, articles, rejects, hosts=hosts, sites={host: {"failed": True} for host in hosts})
    write_run(tmp_path, "20250401T060000Z-dddddd")  # the first of 335 days
    collected = collect_data(tmp_path, 366, NOW, print)
    html = b"".join(
        html_report.report_html(collected.report, stored_pages(collected.articles, 0, 1, collected.site_lookup))
    )
    assert len(html) < 2_000_000
    words = parse(html).cssselect("#sites .lead")[0].text_content()
    assert "Shown: 300 of" in words
    assert len(rows(parse(html), "sites")) == 300


def test_a_long_page_is_cut_and_says_so(tmp_path: Path) -> None:
    run = RUNS[0]
    menu = "".join(f"<li><a href='/{n}'>Section {n}</a></li>" for n in range(900))
    body = "".join(
        f"<p>{'The council agreed on its budget for the harbour after a long debate. ' * 4}{n}</p>" for n in range(8)
    )
    page = f"<html><head><title>Long</title></head><body><article><h1>Long</h1>{body}</article><nav><ul>{menu}</ul></nav></body></html>"
    write_run(tmp_path, run, [article(1, run)])
    archive(tmp_path, run, {"https://one.example/1": ("one.example", page.encode())})
    html = asyncio.run(archived(tmp_path))
    blocks = html.cssselect(".page .b")
    assert len(blocks) == 600
    assert "more blocks are left out here" in html.cssselect(".page .note")[0].text_content()
    dropped = [block for block in blocks if "d" in block.get("class", "").split()]
    assert all(block.cssselect("del") and block.get("data-r") for block in dropped)
    assert {"k-navigation"} <= {name for block in dropped for name in block.get("class", "").split()}


def test_a_broken_record_of_the_archive_costs_its_page_and_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RUNS[0]
    text = "<p>The council agreed on its budget for the harbour after a long debate that night.</p>" * 9
    pages = {f"https://one.example/{n}": ("one.example", f"<h1>Story {n}</h1>{text}".encode()) for n in range(3)}
    write_run(tmp_path, run, [article(n, run) for n in range(3)])
    archive(tmp_path, run, pages)
    (file,) = tmp_path.glob("archive/*/*.gz")
    data = bytearray(file.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 60] = b"\x1b[31m" * 12
    file.write_bytes(data)
    html = asyncio.run(archived(tmp_path))
    assert len(html.cssselect("details.page")) == 2
    (warning,) = capsys.readouterr().out.splitlines()
    assert warning.startswith(f"{file}, byte ")
    assert "cannot read this record" in warning
    assert warning.isprintable()


# What is left of linear RGB to people without one of the cones: Machado, Oliveira and Fernandes, 2009, severity 1.
VISION = {
    "full": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]),
}  # fmt: skip
# OKLab to and from linear sRGB, as its author gives them.
TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.793617785, -0.0040720468],
        [1.9779984951, -2.428592205, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.808675766],
    ]
)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("dark", [False, True])
def test_the_colours_of_kinds_differ_to_everybody(vision: str, dark: bool) -> None:
    assert set(kind_display.KIND_NAMES) == {kind.value for kind in Kind}
    found = np.array(list(kind_display.kind_colours(dark=dark).values()))
    turn = np.radians(found[:, 2])
    lab = np.stack([found[:, 0], found[:, 1] * np.cos(turn), found[:, 1] * np.sin(turn)], axis=1)
    rgb = np.clip((lab @ np.linalg.inv(TO_LAB).T) ** 3 @ np.linalg.inv(TO_LMS).T, 0, 1)
    visible = np.cbrt(np.clip(rgb @ VISION[vision].T, 0, 1) @ TO_LMS.T) @ TO_LAB.T
    apart = np.linalg.norm(visible[:, None] - visible[None], axis=-1) + np.eye(len(visible))
    assert apart.min() > 0.028


def test_a_month_of_runs_is_read_from_the_end_of_a_long_journal(tmp_path: Path) -> None:
    first = datetime(2025, 1, 1, tzinfo=UTC)
    for day in range(400):
        write_run(tmp_path, f"{first + timedelta(days=day):%Y%m%dT%H%M%SZ}-{day:06x}")
    with (tmp_path / "runs.jsonl").open("ab") as file:
        file.write(b'{"run": "torn')
    found = collect_data(tmp_path, 30, NOW, print).report
    assert found.journal.count == 30
    assert found.days[0] == date(2026, 1, 6)
    assert found.days[-1] == date(2026, 2, 4)
    assert site_quota(120, 105) == 2
