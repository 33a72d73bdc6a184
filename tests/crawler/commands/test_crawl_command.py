"""Test `scrapy crawl` as a process: what it leaves on disk, what it prints, and the exit code that cron gets."""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from werkzeug import Request, Response

from output.records.article import Article, Reject, schema
from tests.support.command_spiders import options

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_httpserver import HTTPServer

ROOT = Path(__file__).resolve().parents[3]
SCRAPY = Path(sys.executable).with_name("scrapy")
PAGE = (
    "<!doctype html><html lang=en><head><meta charset=utf-8><title>Harbour plan agreed</title>"
    "<meta property=article:published_time content=2026-03-04T05:06:07Z><meta name=author content='Ida Berg'></head>"
    "<body><article><h1>Harbour plan agreed</h1>"
    + "".join(
        f"<p>The council met on Tuesday evening and agreed on part {n} of the harbour plan.</p>" for n in range(6)
    )
    + "<p>This is plan NUMBER of the nine that were on the table that evening.</p></article></body></html>"
)


def command(data: Path, spider: str, *arguments: str) -> list[str]:
    return [str(SCRAPY), "crawl", spider, *options(data), "-s", "SUMMARY=True", *arguments]


def crawl(data: Path, spider: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(data, spider, *arguments), cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )


def lines(data: Path, folder: str) -> list[dict[str, Any]]:
    rows = [row for file in sorted((data / folder).rglob("*.jsonl")) for row in file.read_bytes().split(b"\n")]
    return [json.loads(row) for row in rows if row]


def run_line(data: Path) -> dict[str, Any]:
    (line,) = (data / "runs.jsonl").read_text(encoding="utf-8").splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def parts(data: Path) -> list[Path]:
    return list(data.rglob("*.part"))


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.05)


def test_a_crawl_writes_articles_rejects_and_its_line_and_prints_a_summary(tmp_path: Path) -> None:
    done = crawl(tmp_path, "pages", "-a", "plan=auds")
    assert (done.returncode, done.stderr) == (0, "")
    articles, rejects, run = lines(tmp_path, "articles"), lines(tmp_path, "rejects"), run_line(tmp_path)
    assert [article["title"] for article in articles] == ["Story a0", "Story u1"]
    for article in articles:
        jsonschema.validate(article, schema(Article))
    for reject in rejects:
        jsonschema.validate(reject, schema(Reject))
    duplicate, short = rejects
    assert (duplicate["reason"], duplicate["id"]) == ("duplicate", articles[0]["id"])
    assert duplicate["detail"] == "the same article as https://one.example/a0"
    assert short["reason"] == "too_short"
    assert not parts(tmp_path)

    assert (run["outcome"], run["exit_code"], run["spider"], run["arguments"]) == (
        "finished", 0, "pages", {"plan": "auds"},
    )  # fmt: skip
    assert (run["articles"], run["rejects"], run["removed"]) == (2, {"duplicate": 1, "too_short": 1}, {"share": 2})
    assert (run["sites"]["one.example"]["articles"], run["sites"]["one.example"]["rejects"]) == (2, 2)
    assert {article["run"] for article in articles} == {run["run"]}
    assert [file["path"] for file in run["files"]] == [
        f"{folder}/{run['start'][:10]}/{run['run']}.jsonl" for folder in ("articles", "rejects")
    ]
    for file in run["files"]:
        data = (tmp_path / file["path"]).read_bytes()
        assert (file["lines"], file["sha256"]) == (data.count(b"\n"), hashlib.sha256(data).hexdigest())

    assert "one.example" in done.stdout
    assert "2 articles in" in done.stdout
    assert "too_short 1" in done.stdout
    assert str(tmp_path / run["files"][0]["path"]) in done.stdout


def test_what_memory_takes_when_the_run_is_finished_is_counted_too(tmp_path: Path) -> None:
    assert crawl(tmp_path, "repeating").returncode == 0
    articles = lines(tmp_path, "articles")
    assert not any("harbour office" in article["text"] for article in articles)
    assert run_line(tmp_path)["removed"] == {"repeated": len(articles)} == {"repeated": 7}


def test_with_nothing_new_the_exit_code_is_0_and_there_is_no_empty_file(tmp_path: Path) -> None:
    done = crawl(tmp_path, "nothing")
    assert (done.returncode, done.stderr) == (0, "")
    assert run_line(tmp_path)["files"] == []
    assert {path.name for path in tmp_path.iterdir()} <= {"runs.jsonl", "state.db", ".lock", "logs"}


@pytest.mark.parametrize(
    ("spider", "plan", "code", "outcome"),
    [
        ("pages", "aff", 3, "site_failed"),
        ("pages", "oaf", 3, "site_failed"),  # one.example lost one page and gave another: only two.example failed
        ("pages", "fof", 4, "all_sites_failed"),
        ("pages", "aos", 0, "finished"),
        ("pages", "ss", 0, "finished"),
        ("silent", "", 3, "site_failed"),
    ],
)
def test_the_exit_code_tells_that_sites_failed(tmp_path: Path, spider: str, plan: str, code: int, outcome: str) -> None:
    done = crawl(tmp_path, spider, "-a", f"plan={plan}")
    run = run_line(tmp_path)
    assert (done.returncode, run["exit_code"], run["outcome"]) == (code, code, outcome), done.stderr
    failed = [site for site, counts in run["sites"].items() if counts["failed"]]
    assert failed == {0: [], 3: ["two.example"], 4: ["one.example", "two.example"]}[code]
    assert ("site failed" in done.stdout) == bool(code)


@pytest.mark.parametrize(("spider", "articles"), [("start_raises", 1), ("odd_item", 0)])
def test_an_internal_error_ends_with_1_and_keeps_what_was_fetched(tmp_path: Path, spider: str, articles: int) -> None:
    done = crawl(tmp_path, spider)
    assert done.returncode == 1
    assert run_line(tmp_path)["outcome"] == "error"
    assert len(lines(tmp_path, "articles")) == articles
    assert not parts(tmp_path)
    assert "ended by an error" in done.stdout


def test_a_page_that_breaks_the_cleaners_is_a_reject_and_the_run_goes_on(tmp_path: Path) -> None:
    done = crawl(tmp_path, "breaks_the_cleaners")
    assert done.returncode == 0
    (reject,) = lines(tmp_path, "rejects")
    assert (reject["reason"], reject["url"]) == ("cleaning_crash", "https://one.example/broken")
    assert len(lines(tmp_path, "articles")) == 1
    assert "https://one.example/broken: the cleaners failed" in done.stderr


def test_a_record_that_cannot_be_written_is_a_reject_and_the_run_goes_on(tmp_path: Path) -> None:
    done = crawl(tmp_path, "unwritable")
    assert done.returncode == 0, done.stderr
    assert run_line(tmp_path)["outcome"] == "finished"
    rejects = {reject["url"].rpartition("/")[2]: reject for reject in lines(tmp_path, "rejects")}
    assert {name: reject["reason"] for name, reject in rejects.items()} == {
        "tagged": "cleaning_crash", "titled": "cleaning_crash", "texted": "cleaning_crash", "told": "too_short",
    }  # fmt: skip
    assert rejects["tagged"]["detail"].startswith("no record: TypeError: ")
    assert rejects["told"]["detail"] == "told \ufffd"
    assert "https://one.example/tagged: no record can be made of the page" in done.stderr
    assert [article["title"] for article in lines(tmp_path, "articles")] == ["Story a"]
    assert not parts(tmp_path)


@pytest.mark.parametrize(
    ("spider", "arguments", "said"),
    [
        ("page", (), "unknown spider 'page'; did you mean pages"),
        ("cannot_be_made", (), "'techcrunhc.com': no such site; did you mean techcrunch.com?"),
        ("pages", ("-a", "budget=soon"), "budget=soon: not a duration; write for example 90s, 10m or 1h30m"),
        ("pages", ("-s", "DATA_DIR=/dev/null/data"), "cannot write to DATA_DIR '/dev/null/data' (Not a directory)"),
    ],
)
def test_what_a_user_can_fix_is_one_line(tmp_path: Path, spider: str, arguments: tuple[str, ...], said: str) -> None:
    done = crawl(tmp_path, spider, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"scrapy crawl: {said}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "runs.jsonl").exists()


def test_a_crawl_of_no_spider_is_wrong_usage(tmp_path: Path) -> None:
    done = subprocess.run([str(SCRAPY), "crawl"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "scrapy crawl news" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_time_budget_ends_a_run_well(tmp_path: Path) -> None:
    done = crawl(tmp_path, "endless", "-a", f"here={tmp_path / 'here'}", "-a", "budget=4s")
    run = run_line(tmp_path)
    assert (done.returncode, run["outcome"]) == (0, "budget")
    assert 1 <= len(lines(tmp_path, "articles")) == run["articles"] < 600  # it would take a minute to bring them all
    assert not parts(tmp_path)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_with_finished_files(tmp_path: Path, number: int, code: int) -> None:
    here = tmp_path / "here"
    process = subprocess.Popen(
        command(tmp_path, "endless", "-a", f"here={here}"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_until(here.exists)
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    run = run_line(tmp_path)
    assert (process.returncode, run["exit_code"], run["outcome"], err) == (code, code, "interrupted", b"")
    assert len(lines(tmp_path, "articles")) == run["articles"] > 0
    assert not parts(tmp_path)
    assert b"interrupted" in out


@pytest.fixture
def nine_pages(tmp_path: Path, httpserver: HTTPServer) -> tuple[str, ...]:
    """Arguments that crawl nine articles of a server here."""
    httpserver.expect_request("/robots.txt").respond_with_data("", content_type="text/plain")

    def answer(request: Request) -> Response:
        return Response(PAGE.replace("NUMBER", request.path[-1]), content_type="text/html; charset=utf-8")

    httpserver.expect_request(re.compile("/2026/")).respond_with_handler(answer)
    urls = tmp_path / "urls.txt"
    urls.write_text("".join(httpserver.url_for(f"/2026/03/story-{number}\n") for number in range(9)))
    allow = f"WINNOW_ALLOW_PRIVATE_HOSTS={httpserver.host}"
    return "-a", f"urls={urls}", "-s", "SPIDER_MODULES=crawler.spiders", "-s", allow


@pytest.mark.parametrize(("budget", "code", "outcome"), [("3s", 0, "budget"), (None, 143, "interrupted")])
def test_requests_that_only_wait_for_their_turn_do_not_hold_up_the_end(
    tmp_path: Path, nine_pages: tuple[str, ...], budget: str | None, code: int, outcome: str
) -> None:
    data = tmp_path / "data"
    limit = ("-a", f"budget={budget}") if budget else ()
    process = subprocess.Popen(
        command(data, "news", *nine_pages, *limit, "-s", "DOWNLOAD_DELAY=60", "-s", "ROBOTSTXT_OBEY=False"),
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    if budget is None:
        wait_until(lambda: parts(data))
        process.terminate()
    _out, err = process.communicate(timeout=120)  # all nine pages would take as many minutes
    assert (process.returncode, err) == (code, b"")
    run = run_line(data)
    assert (run["outcome"], run["rejects"]) == (outcome, {})
    assert run["articles"] == len(lines(data, "articles")) <= 3
    assert run["articles"] or budget
    assert not parts(data)


def test_a_disk_that_is_full_for_records_ends_the_run_with_whole_lines_and_1(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    def answer(request: Request) -> Response:
        many = "".join(
            f"<p>Paragraph {n} of plan {request.path[-1]} tells of {n} houses at the harbour.</p>" for n in range(1500)
        )
        return Response(PAGE.replace("</article>", f"{many}</article>"), content_type="text/html; charset=utf-8")

    httpserver.expect_request("/robots.txt").respond_with_data("", content_type="text/plain")
    httpserver.expect_request(re.compile("/2026/")).respond_with_handler(answer)
    urls, data = tmp_path / "urls.txt", tmp_path / "data"
    urls.write_text("".join(httpserver.url_for(f"/2026/03/story-{number}\n") for number in range(5)))
    arguments = ("-a", f"urls={urls}", "-s", "SPIDER_MODULES=crawler.spiders", "-s", "DOWNLOAD_DELAY=0",
                 "-s", f"WINNOW_ALLOW_PRIVATE_HOSTS={httpserver.host}")  # fmt: skip
    done = subprocess.run(
        command(data, "news", *arguments), cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000)),
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "cannot be written, the run ends: File too large" in done.stderr
    run = run_line(data)
    assert (run["outcome"], run["reason"]) == ("error", "write_failed")
    assert 1 <= len(lines(data, "articles")) == run["articles"] < 5
    assert not parts(data)
    assert crawl(data, "news", *arguments).returncode == 0
    assert sorted(article["url"][-1] for article in lines(data, "articles")) == list("01234")


def test_a_killed_crawl_leaves_a_part_whose_lines_are_whole_and_nothing_finished(tmp_path: Path) -> None:
    here = tmp_path / "here"
    process = subprocess.Popen(command(tmp_path, "endless", "-a", f"here={here}"), cwd=ROOT)
    wait_until(here.exists)
    process.kill()
    process.wait()
    (part,) = parts(tmp_path)
    rows = part.read_text(encoding="utf-8").splitlines()
    assert json.loads(rows[0])["title"] == "Story a0"
    assert lines(tmp_path, "articles") == []
    assert not (tmp_path / "runs.jsonl").exists()


def test_a_foreign_part_is_set_aside_and_named_by_one_run_and_stops_none(tmp_path: Path) -> None:
    foreign = tmp_path / "articles" / "2026-03-04" / "20260304T050607Z-0a1b2c.jsonl.part"
    foreign.parent.mkdir(parents=True)
    foreign.write_text('{"id": "of another program"}\n')
    done, again = (crawl(tmp_path, "pages", "-a", "plan=a") for _ in range(2))
    assert (done.returncode, again.returncode, again.stderr) == (0, 0, "")
    assert done.stderr.count("\n") == 1
    assert f"{foreign}: not the records of a run" in done.stderr
    assert f"it is now {foreign.name}.unreadable, and the run goes on without it" in done.stderr
    assert [article["title"] for article in lines(tmp_path, "articles")] == ["Story a0"]


def test_scrapys_own_feeds_get_the_articles(tmp_path: Path) -> None:
    done = crawl(tmp_path, "pages", "-a", "plan=as", "-o", "-:jsonlines")
    (article,) = [json.loads(row) for row in done.stdout.splitlines()]
    assert article == lines(tmp_path, "articles")[0]
    assert "1 article in" in done.stderr


def test_help_shows_an_example() -> None:
    shown = subprocess.run(
        [str(SCRAPY), "crawl", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "100"},
    ).stdout
    assert "scrapy crawl news -a sites=techcrunch.com" in shown
    assert "130 and 143 interrupted" in shown
