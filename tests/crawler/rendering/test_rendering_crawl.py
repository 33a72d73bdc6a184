"""Crawl a site whose profile says `render = true`: its records, the end of the run, and errors if it cannot be rendered."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest

from crawler.newsroom import gold
from crawler.newsroom.fixture_site import HOME, FixtureAnswer, Newsroom
from crawler.newsroom.newsroom_server import serve_newsroom
from crawler.rendering.requirements import CHROMIUM_NAMES
from crawler.rendering.subresources import is_tracker, tracker_hosts

ROOT = Path(__file__).resolve().parents[3]
RUN_FIELDS = {"fetched", "run", "removed", "language_score"}
PROFILE = f"""
name = "The Quay Courier"
domains = ["newsroom.example"]
language = "en"
timezone = "Europe/London"
feeds = ["{HOME}/feeds/all.rss"]
article = '^https?://newsroom\\.example/tech/2024/10/15/'
render = true

[test]
articles = ["{HOME}/tech/2024/10/15/a", "{HOME}/tech/2024/10/15/b", "{HOME}/tech/2024/10/15/c"]
others = ["{HOME}/tech/", "{HOME}/business/"]
"""

in_a_browser = pytest.mark.skipif(
    find_spec("scrapy_playwright") is None or not any(map(shutil.which, CHROMIUM_NAMES)),
    reason="needs the extra [js] and a Chromium",
)


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    """Write a folder with that one profile."""
    folder = tmp_path / "sites"
    folder.mkdir()
    (folder / "newsroom.example.toml").write_text(PROFILE, encoding="utf-8")
    return folder


def command(tmp_path: Path, *arguments: str, without_extra: bool = False) -> list[str]:
    hidden = "sys.modules['scrapy_playwright'] = None; " if without_extra else ""
    program = f"import sys; {hidden}from scrapy.cmdline import execute; execute()"
    settings = {"DATA_DIR": tmp_path / "data", "DOWNLOAD_DELAY": 0, "CHROMIUM_FLAGS": "--no-sandbox", "ENDING_TIME": 1,
                "WINNOW_CONTACT": "desk@example.org", "DOWNLOAD_TIMEOUT": 120}  # fmt: skip
    given = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    return [sys.executable, "-c", program, "crawl", "news", *given, *arguments]


def environment(sites: Path, proxy: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return kept | {"http_proxy": proxy, "WINNOW_SITES_DIR": str(sites), "PYTHONPATH": str(ROOT)}


def crawl(tmp_path: Path, sites: Path, proxy: str, *arguments: str, **how: bool) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(tmp_path, *arguments, **how),
        cwd=ROOT, env=environment(sites, proxy), capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip


def lines(folder: Path, pattern: str) -> list[dict[str, Any]]:
    return [json.loads(line) for file in sorted(folder.glob(pattern)) for line in file.read_bytes().splitlines()]


@in_a_browser
def test_the_record_of_a_rendered_page_equals_the_gold(tmp_path: Path, sites: Path) -> None:
    log = tmp_path / "log"
    with serve_newsroom(log=log) as proxy:
        done = crawl(tmp_path, sites, proxy, "-s", "ARCHIVE=True")
    assert done.returncode == 0, done.stderr
    (record,) = lines(tmp_path, "data/articles/*/*.jsonl")
    (expected,) = gold.rendered_articles().values()
    assert {name: value for name, value in record.items() if name not in RUN_FIELDS} == expected
    assert record["removed"]["byline"] == 1
    requests = [line["url"].removeprefix(HOME) for line in lines(tmp_path, "log")]
    path = "/tech/2024/10/15/tide-tables-by-hand"
    assert requests == [
        "/robots.txt",
        "/feeds/all.rss",
        path,
        "/assets/reader.js",
        "/data/stories/tide-tables-by-hand.json",
    ]
    again = subprocess.run(
        [sys.executable, "-m", "scrapy", "reclean", "-s", f"DATA_DIR={tmp_path / 'data'}", "-o", str(tmp_path / "again")],
        cwd=ROOT, env=environment(sites, "http://127.0.0.1:9"), capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    assert [record["text"] for record in lines(tmp_path, "again/**/*.jsonl") if "text" in record] == [expected["text"]]


@in_a_browser
@pytest.mark.slow
def test_explain_shows_the_rendered_page(tmp_path: Path, sites: Path) -> None:
    (url,) = gold.rendered_articles()
    with serve_newsroom() as proxy:
        done = subprocess.run(
            [sys.executable, "-m", "scrapy", "explain", url, "-s", f"DATA_DIR={tmp_path / 'data'}", "-s",
             "CHROMIUM_FLAGS=--no-sandbox", "-s", "DOWNLOAD_TIMEOUT=120"],
            cwd=ROOT, env=environment(sites, proxy), capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "“Twenty minutes is a ferry on the sand,” says Pallister." in done.stdout
    assert "By Tamsin Vole" in done.stdout


class Waiting(Newsroom):
    """Holds the script's data back until `released` is set."""

    def respond(self, path: str, headers: Any = None) -> FixtureAnswer:
        if path.startswith("/data/"):
            requested.set()
            released.wait(120)
        return super().respond(path, headers)


requested, released = threading.Event(), threading.Event()


@in_a_browser
@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGKILL, marks=pytest.mark.slow)])
@pytest.mark.slow
def test_a_run_that_ends_leaves_no_browser(number: signal.Signals, tmp_path: Path, sites: Path) -> None:
    released.clear()
    with serve_newsroom(Waiting()) as proxy:
        run = subprocess.Popen(
            command(tmp_path), cwd=ROOT, env=environment(sites, proxy), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        try:
            assert requested.wait(120)
            family = psutil.Process(run.pid).children(recursive=True)
            assert any("chromium" in process.name().lower() for process in family)
            run.send_signal(number)
            _out, errors = run.communicate(timeout=120)
            _gone, alive = psutil.wait_procs(family, timeout=60)
        finally:
            run.kill()
            released.set()
            requested.clear()
    assert alive == []
    if number == signal.SIGKILL:
        return
    assert run.returncode == 143, errors
    assert "Traceback" not in errors
    assert lines(tmp_path, "data/rejects/*/*.jsonl") == []
    assert lines(tmp_path, "data/runs.jsonl")[-1]["outcome"] == "interrupted"


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_without_the_extra_the_profile_is_named_and_how_to_install_it(tmp_path: Path, sites: Path) -> None:
    nobody = "http://127.0.0.1:9"
    message = one_line(crawl(tmp_path, sites, nobody, without_extra=True))
    assert message == (
        "scrapy crawl: newsroom.example.toml has render = true, which needs the extra `js`; "
        "install it with: pip install -e '.[js]'\n"
    )
    (tmp_path / "urls.txt").write_text(f"{HOME}/tech/2024/10/15/tide-tables-by-hand\n", encoding="utf-8")
    by_url = crawl(tmp_path, sites, nobody, "-a", f"urls={tmp_path / 'urls.txt'}", without_extra=True)
    assert one_line(by_url) == message


@pytest.mark.skipif(find_spec("scrapy_playwright") is None, reason="the extra [js] is not installed")
def test_a_missing_browser_is_named(tmp_path: Path, sites: Path) -> None:
    message = one_line(crawl(tmp_path, sites, "http://127.0.0.1:9", "-s", "CHROMIUM=/opt/no/chromium"))
    assert "CHROMIUM: there is no file '/opt/no/chromium'" in message


def test_trackers_are_recognized_by_host_and_only_from_other_sites() -> None:
    page = "https://www.example.com/story"
    assert is_tracker("https://www.google-analytics.com/analytics.js", page)
    assert is_tracker("https://securepubads.g.doubleclick.net/tag/js/gpt.js", page)
    assert not is_tracker("https://cdn.jsdelivr.net/npm/vue", page)
    assert not is_tracker("https://notdoubleclick.net/app.js", page)
    assert not is_tracker("https://static.segment.com/app.js", "https://segment.com/blog/")
    assert len(tracker_hosts()) > 100
    assert all(host == host.lower().strip() and "/" not in host for host in tracker_hosts())
