"""Test `scrapy sites` and `scrapy sites check` as processes, with sites that this test serves through a proxy."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.discovery.base import Fetched
from crawler.sites.profile_loader import load_profiles
from crawler.spiders.source_check import SourceReport, check_exit_code, judge_source, sources_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crawler.sites.profile import SiteProfile

ROOT = Path(__file__).resolve().parents[3]
RSS = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>'
    "<item><title>One</title><link>http://{host}/2026/one</link><pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate></item>"
    "<item><title>Two</title><link>http://{host}/2026/two</link><pubDate>Thu, 19 Nov 2026 08:00:00 GMT</pubDate></item>"
    "<item><title>Film</title><link>http://{host}/video/film</link></item></channel></rss>"
)
SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    "<url><loc>http://{host}/2026/one</loc><lastmod>2026-11-18</lastmod></url></urlset>"
)
SECTION = '<html><body><main><a href="/2026/one">One</a> <a href="/about">About</a></main></body></html>'


def write_profile(folder: Path, host: str, sources: str) -> None:
    (folder / f"{host}.toml").write_text(
        f'name = "The {host}"\ndomains = ["{host}"]\nlanguage = "en"\ntimezone = "UTC"\ndelay = 0\n{sources}\n'
        f"article = '^https://{re.escape(host)}/\\d{{4}}/'\n[test]\n"
        f'articles = ["http://{host}/2026/a", "http://{host}/2026/b", "http://{host}/2026/c"]\n'
        f'others = ["http://{host}/tech/", "http://{host}/about"]\n',
        encoding="utf-8",
    )


class Web:
    """An HTTP proxy on loopback that knows all of a small web; what it does not know is a 404."""

    def __init__(self, pages: Mapping[str, bytes | int]):
        self.asked: list[str] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.asked.append(self.path)
                answer = pages.get(self.path, 404)
                body = answer if isinstance(answer, bytes) else b"<html><title>No</title></html>"
                self.send_response(200 if isinstance(answer, bytes) else answer)
                if answer == 302:
                    self.send_header("Location", "/feed")
                kind = "text/html" if b"<html" in body[:40] else "text/plain" if b"User-agent" in body else "text/xml"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.proxy = f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def web() -> Iterator[Web]:
    alive = Web(
        {
            "http://good.example/robots.txt": b"User-agent: *\nSitemap: http://good.example/map.xml",
            "http://good.example/feed": RSS.format(host="good.example").encode(),
            "http://good.example/moved": 302,
            "http://good.example/map.xml": gzip.compress(SITEMAP.format(host="good.example").encode()),
            "http://good.example/tech/": SECTION.encode(),
            "http://ill.example/robots.txt": b"User-agent: winnow\nDisallow: /2026/\nDisallow: /closed",
            "http://ill.example/html": SECTION.encode(),
            "http://ill.example/hollow": b"<rss version='2.0'><channel><title>x</title></channel></rss>",
            "http://ill.example/other": RSS.format(host="elsewhere.example").encode(),
            "http://ill.example/tech/": b"<html><body><a href='/about'>About</a></body></html>",
            "http://ill.example/map.xml": b"\x00\x01\x02 nothing",
            "http://dead.example/robots.txt": 500,
            "http://bare.example/": b"<html><link rel='alternate' type='application/rss+xml' href='/feed'></html>",
        }
    )
    yield alive
    alive.close()


def scrapy(*arguments: str, web: Web | None = None, folder: Path | str = "") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {"http_proxy": web.proxy if web else "http://127.0.0.1:9", "WINNOW_CONTACT": "desk@example.org"}
    environment["WINNOW_SITES_DIR"] = str(folder)
    command = [sys.executable, "-m", "scrapy", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def rows(run: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    """Return the lines of a check by their URL: site, kind, outcome, detail."""
    return {cells[-1]: cells[:-1] for cells in (line.split("\t") for line in run.stdout.splitlines())}


# --- the list


def test_list_has_one_line_a_site() -> None:
    run = scrapy("sites")
    assert (run.returncode, run.stderr) == (0, "")
    lines = [line.split("\t") for line in run.stdout.splitlines()]
    assert [line[0] for line in lines] == [profile.id for profile in load_profiles()]
    assert ["techcrunch.com", "TechCrunch", "en", "https://techcrunch.com/feed/"] in lines
    assert all(len(line) == 4 and line[3].startswith("https://") for line in lines)


def test_list_starts_without_what_only_crawls_need() -> None:
    run = scrapy("sites")
    timed = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "scrapy", "sites"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert timed.stdout == run.stdout
    loaded = {line.rpartition("|")[2].strip() for line in timed.stderr.splitlines()}
    assert "crawler.sites.profile_loader" in loaded
    assert not loaded & {"trafilatura", "feedparser", "rich.console", "publicsuffixlist", "dateparser", "langdetect"}


def test_list_is_a_table_on_a_terminal(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    write_profile(tmp_path, "good.example", 'feeds = ["http://good.example/feed"]')
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "120", "WINNOW_SITES_DIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-m", "scrapy", "sites"],
        cwd=ROOT, stdout=theirs, timeout=60, check=False, env=environment,
    )  # fmt: skip
    os.close(theirs)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", os.read(ours, 65536).decode())
    os.close(ours)
    assert run.returncode == 0
    head, line = shown.split("\r\n")[:2]
    assert head.split() == ["id", "name", "language", "sources"]
    assert line.index("The good.example") == head.index("name")


def test_help_shows_examples() -> None:
    run = scrapy("sites", "--help")
    assert run.returncode == 0
    assert "  scrapy sites check techcrunch.com heise.de\n" in run.stdout
    assert "3 a source fails" in run.stdout


# --- what a user gets wrong


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["check", "techcrunsh.com"], "'techcrunsh.com': no such site"),
        (["chekc"], "unknown arguments 'chekc'; write `scrapy sites`, `scrapy sites check [ID ...]`"),
        (["check", "--all"], "unknown arguments 'check --all'"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(arguments: list[str], says: str) -> None:
    run = scrapy("sites", *arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("scrapy sites: ")
    assert says in run.stderr
    assert run.stderr.count("\n") == 1


def test_a_folder_without_profiles_is_one_line(tmp_path: Path) -> None:
    run = scrapy("sites", folder=tmp_path / "none")
    assert run.returncode == 2
    assert run.stderr == (
        f"scrapy sites: {tmp_path}/none: no site profiles here; set WINNOW_SITES_DIR to a folder with <domain>.toml files\n"
    )


def test_a_wrong_profile_is_one_line(tmp_path: Path) -> None:
    write_profile(tmp_path, "good.example", 'feedz = ["http://good.example/feed"]')
    run = scrapy("sites", folder=tmp_path)
    assert run.returncode == 2
    assert run.stderr == f"scrapy sites: {tmp_path}/good.example.toml: feedz: unknown key; did you mean feeds?\n"


# --- the check


def test_check_of_sites_that_are_well(tmp_path: Path, web: Web) -> None:
    write_profile(
        tmp_path,
        "good.example",
        'feeds = ["http://good.example/feed", "http://good.example/moved"]\n'
        'sitemaps = ["http://good.example/map.xml"]\nsections = ["http://good.example/tech/"]',
    )
    write_profile(tmp_path, "bare.example", "")
    data = tmp_path / "data"
    run = scrapy("sites", "check", "-s", f"DATA_DIR={data}", web=web, folder=tmp_path)
    assert rows(run) == {
        "http://bare.example/": ["bare.example", "home", "ok", "feeds and sitemaps named: 1"],
        "http://bare.example/robots.txt": ["bare.example", "robots", "ok", "articles may be fetched"],
        "http://good.example/feed": [
            "good.example", "feed", "ok", "2 of 3 entries are articles, newest 2026-11-20",
        ],
        "http://good.example/moved": [
            "good.example", "feed", "ok",
            "2 of 3 entries are articles, newest 2026-11-20, now at http://good.example/feed",
        ],
        "http://good.example/map.xml": [
            "good.example", "sitemap", "ok", "1 of 1 entries are articles, newest 2026-11-18",
        ],
        "http://good.example/tech/": ["good.example", "section", "ok", "links to 1 articles"],
        "http://good.example/robots.txt": [
            "good.example", "robots", "ok", "articles may be fetched, sitemaps named: 1",
        ],
    }  # fmt: skip
    assert run.returncode == 0
    assert run.stderr == ""
    assert web.asked.count("http://good.example/robots.txt") == 1, "robots.txt once a host"
    assert not data.exists(), "a check is no run"


def test_check_tells_what_ails_a_source(tmp_path: Path, web: Web) -> None:
    paths = ("gone", "html", "hollow", "other", "closed")
    feeds = ", ".join(f'"http://ill.example/{path}"' for path in paths)
    write_profile(
        tmp_path,
        "ill.example",
        f'feeds = [{feeds}]\nsitemaps = ["http://ill.example/map.xml"]\nsections = ["http://ill.example/tech/"]',
    )
    write_profile(tmp_path, "good.example", 'feeds = ["http://good.example/feed"]')
    run = scrapy("sites", "check", folder=tmp_path, web=web)
    outcomes = {url.removeprefix("http://ill.example/"): cells[2:] for url, cells in rows(run).items() if "ill." in url}
    assert outcomes["gone"] == ["http 404", ""]
    assert outcomes["html"] == ["not a feed", "feed is an HTML page: http://ill.example/html"]
    assert outcomes["hollow"] == ["empty", ""]
    assert outcomes["other"][0] == "no article"
    assert outcomes["other"][1].startswith(
        "0 of 3 entries are articles, newest 2026-11-20, such as http://elsewhere.example/"
    )
    assert outcomes["closed"] == ["refused", "forbidden by robots.txt"]
    assert outcomes["map.xml"][0] == "not a sitemap"
    assert outcomes["tech/"] == ["no article", "none of its links fits the article pattern"]
    assert outcomes["robots.txt"] == ["refused", "forbidden by robots.txt"]
    assert run.returncode == 3
    assert "Traceback" not in run.stderr


def test_check_of_one_site_that_is_dead(tmp_path: Path, web: Web) -> None:
    write_profile(tmp_path, "dead.example", 'feeds = ["http://dead.example/feed"]')
    write_profile(tmp_path, "good.example", 'feeds = ["http://good.example/feed"]')
    run = scrapy("sites", "check", "dead.example", folder=tmp_path, web=web)
    assert run.returncode == 4
    why = "robots.txt answers 500, so nothing may be fetched"
    assert rows(run)["http://dead.example/feed"] == ["dead.example", "feed", "refused", why]
    assert not [url for url in web.asked if "good.example" in url], "only what was asked for"


def test_check_where_nothing_can_be_reached(tmp_path: Path) -> None:
    write_profile(tmp_path, "good.example", 'feeds = ["http://good.example/feed"]')
    run = scrapy("sites", "check", folder=tmp_path)  # its proxy refuses connections
    assert run.returncode == 4
    assert {cells[2] for cells in rows(run).values()} == {"refused"}
    assert "Traceback" not in run.stderr


# --- its parts


def answer(profile: SiteProfile, body: bytes, path: str = "/source") -> Fetched:
    return Fetched(profile.home + path.lstrip("/"), body)


@pytest.fixture
def profile(tmp_path: Path) -> SiteProfile:
    write_profile(tmp_path, "good.example", "")
    return load_profiles(folder=tmp_path)[0]


def test_a_sitemap_index_counts_its_children(profile: SiteProfile) -> None:
    index = (
        b'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        b"<sitemap><loc>http://good.example/1.xml</loc></sitemap>"
        b"<sitemap><loc>http://good.example/2.xml</loc></sitemap></sitemapindex>"
    )
    assert judge_source("sitemap", profile, answer(profile, index)) == ("ok", "index of 2 sitemaps")


@pytest.mark.parametrize("kind", ["feed", "sitemap"])
def test_a_source_of_no_bytes(profile: SiteProfile, kind: str) -> None:
    outcome, _ = judge_source(kind, profile, answer(profile, b""))
    assert outcome in ("empty", "not a sitemap")


def test_a_feed_without_dates_is_a_feed(profile: SiteProfile) -> None:
    feed = re.sub(r"<pubDate>.*?</pubDate>", "", RSS).format(host="good.example").encode()
    expected = ("ok", "2 of 3 entries are articles, none with a date")
    assert judge_source("feed", profile, answer(profile, feed)) == expected


def test_a_home_page_that_names_nothing(profile: SiteProfile) -> None:
    assert sources_of(profile) == [("home", "http://good.example/")]
    page = answer(profile, b"<html><body>Hello", "/")
    assert judge_source("home", profile, page) == ("no source", "names neither feed nor sitemap")
    assert judge_source("home", profile, answer(profile, b"\x89PNG", "/"))[0] == "no source"


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([("feed", "ok"), ("robots", "ok")], 0),
        ([("feed", "ok"), ("feed", "http 404"), ("robots", "ok")], 3),
        ([("feed", "ok"), ("robots", "refused")], 3),
        ([("feed", "empty"), ("robots", "ok")], 4),
        ([("feed", "empty"), ("section", "error"), ("robots", "refused")], 4),
    ],
)
def test_exit_code_of_a_check(outcomes: list[tuple[str, str]], code: int) -> None:
    assert check_exit_code(SourceReport("x", kind, "http://x.example/", outcome) for kind, outcome in outcomes) == code
