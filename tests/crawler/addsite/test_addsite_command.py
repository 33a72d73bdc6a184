"""Run `scrapy addsite` as a process: the newsroom's profile from its own pages, and errors of one line each."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from crawler.addsite.draft import draft_profile
from crawler.addsite.fixtures import FixtureError, check_fixtures
from crawler.addsite.probe import ProbeResult, ProbeSpider
from crawler.commands.addsite import Command
from crawler.newsroom import gold
from crawler.newsroom.fixture_site import HOME, Newsroom
from crawler.newsroom.newsroom_server import serve_newsroom
from crawler.sites.profile_loader import load_profile
from tests.crawler.commands.test_sites_command import Web
from tests.support.recorded import SETTINGS, crawl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.sites.profile import SiteProfile

ROOT = Path(__file__).resolve().parents[3]
SITE = "newsroom.example"
ROOM = Newsroom(stories=Newsroom().stories[::2])  # half of its stories, of every layout and shape of URL
# What a person who knows the newsroom would write.
BY_HAND = rf"""
name = "The Quay Courier"
domains = ["{SITE}"]
language = "en"
timezone = "UTC"
delay = 0
feeds = ["{HOME}/feeds/all.rss", "{HOME}/feeds/world.atom", "{HOME}/feeds/tech.json"]
article = '^https://newsroom\.example/(?!private/|video/)(?:[a-z]+/)*(?:20\d\d/|(?:article|live)/\d+/|articles/\d|news/story\.asp\?id=|[^/]+-id\d+\.html)'
[test]
articles = ["{HOME}/2024/10/22/battery-swap-ferries/", "{HOME}/news/story.asp?id=4711", "{HOME}/ja/articles/20241002-00155"]
others = ["{HOME}/tech/", "{HOME}/about/"]
"""


def scrapy(proxy: str, *arguments: str, sites: Path | str = "") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {"http_proxy": proxy, "WINNOW_CONTACT": "desk@example.org", "WINNOW_SITES_DIR": str(sites)}
    command = [sys.executable, "-m", "scrapy", *arguments]
    if arguments[0] == "addsite":
        command += ["-s", "DOWNLOAD_DELAY=0", "-s", "RETRY_TIMES=0"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)


# --- the newsroom


@pytest.fixture(scope="module")
def room() -> Iterator[str]:
    with serve_newsroom(ROOM) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sites")


@pytest.fixture(scope="module")
def added(room: str, sites: Path) -> subprocess.CompletedProcess[str]:
    return scrapy(room, "addsite", f"{HOME}/", sites=sites)


@pytest.fixture(scope="module")
def profile(added: subprocess.CompletedProcess[str], sites: Path) -> SiteProfile:
    assert added.returncode == 0, added.stderr
    return load_profile(sites / f"{SITE}.toml")


def test_the_profile_says_what_the_newsroom_says_of_itself(profile: SiteProfile) -> None:
    assert (profile.name, profile.domains, profile.language) == ("The Quay Courier", (SITE,), "en")
    assert set(profile.sources_by_key["feeds"]) == {
        f"{HOME}/feeds/{name}" for name in ("all.rss", "world.atom", "tech.json")
    }
    assert len(profile.test.articles) == 3
    assert len(profile.test.others) == 2
    assert set(profile.test.articles) <= gold.expected_articles(ROOM).keys()


def test_its_pattern_takes_every_listed_article_and_no_other_page(profile: SiteProfile) -> None:
    articles = {HOME + story.url for story in ROOM.stories if not story.reject}
    assert [url for url in articles if not profile.is_article(url)] == []
    pages = [
        "/",
        "/tech/",
        "/business/",
        "/about/",
        "/account/login",
        "/robots.txt",
        "/feeds/all.rss",
        "/sitemap_index.xml",
    ]
    others = [HOME + path for path in pages] + [f"{HOME}/private/2024/10/12/board-minutes"]
    assert [url for url in others if profile.is_article(url)] == []
    assert ".*" not in profile.article


def test_it_prints_what_it_found_and_what_to_check(
    added: subprocess.CompletedProcess[str], profile: SiteProfile, sites: Path
) -> None:
    printed = added.stdout.splitlines()
    assert f"article   {profile.article}" in printed
    assert f"written   {sites / SITE}.toml" in printed
    warnings = [line for line in printed if line.startswith("check     ")]
    assert any("set timezone" in line for line in warnings), "its stories are dated by clocks of four continents"
    assert "Traceback" not in added.stderr


@pytest.mark.slow
def test_a_crawl_with_it_finds_the_articles_of_one_by_hand(
    profile: SiteProfile, room: str, sites: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand = tmp_path / "by-hand"
    by_hand.mkdir()
    (by_hand / f"{SITE}.toml").write_text(BY_HAND, encoding="utf-8")
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", room)
    found: dict[Path, set[str]] = {}
    for folder in (sites, by_hand):
        text = (folder / f"{SITE}.toml").read_text(encoding="utf-8")
        quick = tmp_path / f"{folder.name}-without-delay"
        quick.mkdir()
        (quick / f"{SITE}.toml").write_text(re.sub(r"(?m)^delay = .*$", "delay = 0.0", text), encoding="utf-8")
        monkeypatch.setenv("WINNOW_SITES_DIR", str(quick))
        found[folder] = set(crawl(tmp_path / f"data-{folder.name}", sites=profile.id).records)
    assert found[sites] == found[by_hand]
    assert len(found[sites]) >= 12


def test_its_fixtures_are_tested_without_network(profile: SiteProfile, sites: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    places = sorted((sites / "fixtures" / SITE).iterdir())
    assert [sorted(file.name for file in place.iterdir()) for place in places] == [
        ["article.json", "page.html", "page.json"]
    ] * 3
    assert check_fixtures(sites, profile) == (3, [])
    file = places[0] / "article.json"
    kept = file.read_text(encoding="utf-8")
    expected = json.loads(kept)
    try:
        file.write_text(json.dumps(expected | {"title": "Another"}), encoding="utf-8")
        changed = scrapy(nowhere, "sites", "test", SITE, sites=sites)
        assert changed.returncode == 3
        assert changed.stdout.split("\t") == [str(places[0]), "title", "Another", expected["title"] + "\n"]
        assert changed.stderr == "pages tested: 3, differences: 1\n"
        for text, fault in (("{", "is not JSON"), ("[]", "is not a JSON object")):
            file.write_text(text, encoding="utf-8")
            with pytest.raises(FixtureError, match=f"article.json: {fault}"):
                check_fixtures(sites, profile)
    finally:
        file.write_text(kept, encoding="utf-8")


def test_it_overwrites_nothing(profile: SiteProfile, sites: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Refuse before any request if the URL already gives the profile's name."""
    file = sites / f"{SITE}.toml"
    command = Command()
    command.run([f"{HOME}/"], Namespace(into=str(sites), force=False))
    assert command.exitcode == 1
    told = capsys.readouterr().err
    assert told == f"scrapy addsite: {file} exists already; --force overwrites the profile and its fixtures\n"
    assert load_profile(file) == profile


def test_it_overwrites_no_fixtures_that_have_lost_their_profile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "fixtures" / SITE / "mine"
    kept.mkdir(parents=True)
    command = Command()
    command.run([f"{HOME}/"], Namespace(into=str(tmp_path), force=False))
    assert command.exitcode == 1
    assert capsys.readouterr().err.startswith(f"scrapy addsite: {kept.parent} exists already")
    assert kept.is_dir()


# --- what can go wrong

PARAGRAPHS = "".join(
    f"<p>The council of the {word} quarter met on Tuesday and heard for an hour what the new {word} pier would cost.</p>"
    for word in ("northern", "southern", "eastern", "western", "upper", "lower")
)


OTHER_LINKS = "<li><a href='/about'>About</a><li><a href='/tag/piers'>Piers</a>"


def fake_site(host: str, robots: str = "", articles: int = 0, head: str = "") -> dict[str, bytes | int]:
    """A start page with links to so many articles, and to other pages."""
    links = "".join(
        f"<li><a href='/2026/11/0{n}/the-pier-of-quarter-{n}'>What the pier of quarter {n} would cost</a></li>"
        for n in range(1, articles + 1)
    )
    pages: dict[str, bytes | int] = {
        f"http://{host}/robots.txt": robots.encode(),
        f"http://{host}/": f"<html><body><main><ul>{links}{OTHER_LINKS}</ul></main></body></html>".encode(),
    }
    for n in range(1, articles + 1):
        title = f"What the pier of quarter {n} would cost"
        pages[f"http://{host}/2026/11/0{n}/the-pier-of-quarter-{n}"] = (
            f"<html lang=en><head><title>{title}</title>{head}<meta name=author content='Ida Berg'>"
            f"<meta property='article:published_time' content='2026-11-0{n}T08:00:00-05:00'></head>"
            f"<body><article><h1>{title}</h1>{PARAGRAPHS}<p>Quarter {n} pays first.</p></article></body></html>"
        ).encode()
    return pages


def feed(host: str, articles: int) -> bytes:
    items = "".join(
        f"<item><title>Pier {n}</title><link>http://{host}/2026/11/0{n}/the-pier-of-quarter-{n}</link></item>"
        for n in range(1, articles + 1)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Piers</title>{items}</channel></rss>'.encode()


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    alive = Web(
        {
            **fake_site("fed.example", "", 4),
            "http://fed.example/feed": feed("fed.example", 4),
            **fake_site("empty.example"),
            **fake_site("closed.example", "User-agent: *\nDisallow: /", 4),
            **fake_site("shut.example", "User-agent: *\nDisallow: /2026/", 4),
            **fake_site(
                "hostile.example",
                "User-agent: *\nCrawl-delay: 0.2",
                4,
                "<meta property='og:site_name' content='\x1b[31m\"Red\" \\ &#9;News'>",
            ),
        }
    )
    yield alive
    alive.close()


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("empty.example", "no feed, no sitemap and no links to articles found"),
        ("closed.example", "robots.txt"),
        ("shut.example", "robots.txt forbids all 4 listed articles"),
        ("nowhere.example", "robots.txt"),
    ],
)
def test_no_profile_of_a_site_that_gives_no_article(host: str, says: str, web: Web, tmp_path: Path) -> None:
    proxy = "http://127.0.0.1:9" if host == "nowhere.example" else web.proxy
    run = scrapy(proxy, "addsite", f"http://{host}/", "--into", str(tmp_path / "sites"))
    assert (run.returncode, run.stdout) == (4, "")
    last = run.stderr.splitlines()[-1]
    assert last.startswith(f"scrapy addsite: http://{host}/: ")
    assert says in last
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "sites").exists()
    assert not [url for url in web.asked if "closed.example" in url and not url.endswith("/robots.txt")]
    assert not [url for url in web.asked if "shut.example/2026" in url]


@pytest.mark.slow
def test_what_a_site_writes_can_break_neither_file_nor_terminal(web: Web, tmp_path: Path) -> None:
    (tmp_path / "hostile.example.toml").write_text("mine", encoding="utf-8")
    wider = BY_HAND.replace(f'domains = ["{SITE}"]', 'domains = ["example"]')
    (tmp_path / "wider.toml").write_text(wider, encoding="utf-8")
    run = scrapy(web.proxy, "addsite", "http://hostile.example/", "--force", "--into", str(tmp_path))
    assert run.returncode == 0, run.stderr
    assert "\x1b" not in run.stdout
    profile = load_profile(tmp_path / "hostile.example.toml")
    assert '"Red" \\' in profile.name
    assert profile.delay == 0.2
    assert profile.timezone == "America/New_York"
    assert profile.sources_by_key["sections"] == ("http://hostile.example/",)
    assert "check     the profile wider accepts these articles, too" in run.stdout
    assert profile.article == r"^https://hostile\.example/\d{4}/\d\d/\d\d/[^/?#]+"


def test_a_feed_to_start_from_is_the_source(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the start page of the site, and no section."""
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", web.proxy)
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.setdict({**SETTINGS, "SPIDER_MODULES": []}, priority="cmdline")
    runner = AsyncCrawlerRunner(settings)
    found = ProbeResult("http://fed.example/feed")

    async def run() -> None:
        await runner.crawl(ProbeSpider, found=found)

    asyncio.run(run())
    assert found.done
    made = draft_profile(found)
    assert made.sources == {"feeds": ("http://fed.example/feed",), "sitemaps": (), "sections": ()}
    assert made.article == r"^https://fed\.example/\d{4}/\d\d/\d\d/[^/?#]+"
    assert made.samples[0].listed.source_url == "http://fed.example/feed"
    assert "http://fed.example/" not in web.asked


@pytest.mark.parametrize("arguments", [[], ["ftp://example.com/"], ["https://a.example/", "https://b.example/"]])
def test_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(UsageError):
        Command().run(arguments, Namespace(into=None, force=False))


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    command = Command()
    command.run(["https://www.example.com/"], Namespace(into=str(tmp_path / "file"), force=False))
    assert command.exitcode == 1
    assert capsys.readouterr().err == f"scrapy addsite: {tmp_path / 'file'}: not a folder; name one with --into\n"
