"""Test the newsroom: it serves pages as a real site does, and its gold matches them."""

from __future__ import annotations

import dataclasses
import gzip
import http.client
import json
import re
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import feedparser
import pytest
from lxml import etree
from lxml import html as lxml_html

from cleaners.rejection import RejectReason
from crawler.newsroom import gold
from crawler.newsroom.fixture_site import HERE, HOME, FixtureAnswer, Newsroom
from crawler.newsroom.newsroom_server import serve_newsroom
from crawler.newsroom.story import StoryError, load_stories, read_story

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])

NEWSROOM = Newsroom()
STORIES = {story.slug: story for story in NEWSROOM.stories}
FERRY = "/2024/10/22/battery-swap-ferries/"
XML = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "n": "http://www.google.com/schemas/sitemap-news/0.9"}


@pytest.fixture(scope="module")
def proxy() -> Iterator[str]:
    with serve_newsroom(NEWSROOM) as url:
        yield url


def ask(proxy: str, target: str, host: str | None = None, method: str = "GET", **headers: str) -> FixtureAnswer:
    """Send one request with exactly this target, as no client library would."""
    connection = http.client.HTTPConnection(urlsplit(proxy).netloc, timeout=10)
    connection.putrequest(method, target, skip_host=True)
    for name, value in {"Host": host or urlsplit(target).hostname or "", **headers}.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    response = connection.getresponse()
    answer = FixtureAnswer(
        response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    )
    connection.close()
    return answer


def find(tree: Any, query: str) -> list[Any]:
    return list(tree.xpath(query, namespaces=XML))


# --- the server


def test_answers_as_a_proxy_and_as_an_origin(proxy: str) -> None:
    direct = NEWSROOM.respond(FERRY)
    for target, host in ((HOME + FERRY, None), (FERRY, "newsroom.example"), (FERRY, "127.0.0.1:1")):
        answer = ask(proxy, target, host)
        assert (answer.status, answer.body) == (200, direct.body)
        assert answer.headers["etag"] == direct.headers["etag"]


@pytest.mark.parametrize("target", ["http://elsewhere.example/", "http://127.0.0.1/", "http://www.newsroom.example/"])
def test_a_proxy_knows_one_host_only(proxy: str, target: str) -> None:
    answer = ask(proxy, target)
    assert answer.status == 502
    assert b"no such host" in answer.body


def test_no_tunnels(proxy: str) -> None:
    assert ask(proxy, "newsroom.example:443", "newsroom.example", method="CONNECT").status == 502


def test_head_sends_headers_alone(proxy: str) -> None:
    answer = ask(proxy, HOME + FERRY, method="HEAD")
    assert answer.body == b""
    assert int(answer.headers["content-length"]) == len(NEWSROOM.respond(FERRY).body)


def test_conditional_requests(proxy: str) -> None:
    first = ask(proxy, HOME + FERRY)
    etag, modified = first.headers["etag"], first.headers["last-modified"]
    assert modified == "Tue, 22 Oct 2024 10:40:00 GMT"
    for headers in ({"If_None_Match": etag}, {"If_None_Match": f'"other", W/{etag}'}, {"If_Modified_Since": modified}):
        again = ask(proxy, HOME + FERRY, **headers)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == etag
    for headers in (
        {"If_None_Match": '"other"', "If_Modified_Since": modified},
        {"If_Modified_Since": "Tue, 22 Oct 2024 10:39:59 GMT"},
        {"If_Modified_Since": "yesterday"},
    ):
        assert ask(proxy, HOME + FERRY, **headers).status == 200


def test_one_connection_serves_many_requests(proxy: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(proxy).netloc, timeout=10)
    for path in ("/robots.txt", FERRY, "/nowhere", "/go/sunday-parcels", "/tech/"):
        connection.request("GET", HOME + path)
        assert connection.getresponse().read() == NEWSROOM.respond(path).body
    connection.close()


def test_a_slow_page_is_slow(proxy: str) -> None:
    slow = STORIES["port-wine-payments"]
    started = datetime.now(UTC)
    assert ask(proxy, HOME + slow.url).status == 200
    assert (datetime.now(UTC) - started).total_seconds() >= slow.delay > 0.5


def test_log_has_a_line_a_request(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    with serve_newsroom(NEWSROOM, log=log) as proxy:
        ask(proxy, HOME + "/robots.txt", User_Agent="winnow-test")
        ask(proxy, HOME + "/nowhere")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["url"], line["status"]) for line in lines] == [(HOME + "/robots.txt", 200), (HOME + "/nowhere", 404)]
    assert lines[0]["user_agent"] == "winnow-test"


def test_a_taken_port_is_an_os_error(proxy: str) -> None:
    with pytest.raises(OSError, match="in use"), serve_newsroom(NEWSROOM, port=urlsplit(proxy).port or 0):
        pass


# --- sources


def test_robots() -> None:
    lines = NEWSROOM.respond("/robots.txt").body.decode().splitlines()
    assert "Disallow: /private/" in lines
    assert f"Sitemap: {HOME}/sitemap_index.xml" in lines
    assert not [line for line in lines if line.lower().startswith("crawl-delay")]


def test_sitemaps_name_every_story_once() -> None:
    index = etree.fromstring(NEWSROOM.respond("/sitemap_index.xml").body)
    named: Counter[str] = Counter()
    for location in find(index, "//s:loc/text()"):
        body = NEWSROOM.respond(location.removeprefix(HOME)).body
        tree = etree.fromstring(gzip.decompress(body) if location.endswith(".gz") else body)
        named.update(find(tree, "//s:loc/text()"))
    expected = {HOME + (*story.moved_from, story.url)[0] for story in NEWSROOM.stories}
    assert expected <= named.keys()
    assert set(named.values()) == {1}
    broken = [url for url in named if NEWSROOM.respond(url.removeprefix(HOME)).status == 404]
    assert broken == [HOME + "/tech/2024/08/30/withdrawn-review"]


def test_news_sitemap_has_titles_and_dates() -> None:
    tree = etree.fromstring(NEWSROOM.respond("/sitemaps/news.xml").body)
    assert len(tree) == 12
    assert tree.findtext(".//n:title", namespaces=XML) == NEWSROOM.stories[0].title
    assert tree.findtext(".//n:publication_date", namespaces=XML) == "2024-10-24T09:12:00+08:00"


@pytest.mark.parametrize(("path", "count"), [("/feeds/all.rss", 39), ("/feeds/world.atom", 9)])
def test_feeds_are_well_formed(path: str, count: int) -> None:
    feed = feedparser.parse(NEWSROOM.respond(path).body)
    assert not feed.bozo
    assert len(feed.entries) == count
    titles = {story.title for story in NEWSROOM.stories} | {fixture.title for fixture in NEWSROOM.fixtures}
    for entry in feed.entries:
        assert entry.title in titles
        assert entry.link.removeprefix(HOME).partition("?utm_")[0] in NEWSROOM.paths


def test_json_feed() -> None:
    feed = json.loads(NEWSROOM.respond("/feeds/tech.json").body)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert {item["title"] for item in feed["items"]} >= {STORIES["halden-deliveries"].title}


def test_the_home_page_leads_everywhere() -> None:
    tree = lxml_html.document_fromstring(NEWSROOM.respond("/").body)
    feeds = find(tree, "//link[@rel='alternate']/@href")
    assert feeds == ["/feeds/all.rss", "/feeds/world.atom", "/feeds/tech.json"]
    links = set(find(tree, "//main//a/@href"))
    assert {(*story.moved_from, story.url)[0] for story in NEWSROOM.stories} <= links
    assert "/business/2024/10/10/harbour-budget-2025.pdf" in links


# --- special pages


def test_redirect_copies_amp_and_print_lead_to_the_canonical_page() -> None:
    assert NEWSROOM.respond("/go/sunday-parcels").headers["location"] == HOME + STORIES["sunday-delivery-court"].url
    copies = gold.expected_copies(NEWSROOM)
    assert len(copies) == 4
    for copy, canonical in copies.items():
        answer = NEWSROOM.respond(copy.removeprefix(HOME))
        if answer.status == 200:
            tree = lxml_html.document_fromstring(answer.body)
            assert find(tree, "//link[@rel='canonical']/@href") == [canonical]


@pytest.mark.parametrize(
    ("slug", "header", "meta", "really", "accented"),
    [
        ("classic-ferry-strike", "iso-8859-1", None, "iso-8859-1", "Björn Håkonsen"),
        ("classic-sugar-mill", None, "windows-1252", "windows-1252", "Dr. Émile Naudin"),
        ("classic-telephone-museum", None, "iso-8859-1", "utf-8", "Åse Møller"),
    ],
)
def test_encodings_are_declared_as_on_the_web(
    slug: str, header: str | None, meta: str | None, really: str, accented: str
) -> None:
    answer = NEWSROOM.respond(STORIES[slug].url)
    declared = re.search(rb"charset=([\w-]+)", answer.body)
    assert answer.headers["content-type"] == "text/html" + (f"; charset={header}" if header else "")
    assert (declared and declared[1].decode()) == meta
    assert accented in answer.body.decode(really)
    if really != "utf-8":
        with pytest.raises(UnicodeDecodeError):
            answer.body.decode("utf-8")


def test_rejects_have_reasons_that_records_know() -> None:
    rejects = gold.expected_rejects(NEWSROOM)
    assert set(rejects.values()) <= set(RejectReason)
    assert len(set(rejects.values())) >= 9
    assert not rejects.keys() & gold.expected_articles(NEWSROOM).keys()


def test_unknown_paths_are_not_found() -> None:
    assert NEWSROOM.respond("/2024/10/22/battery-swap-ferries").status == 404
    assert NEWSROOM.respond("/nowhere?x=1").status == 404


# --- another newsroom from the same parts


def test_stories_appear_over_time_and_pages_get_a_notice() -> None:
    young = dataclasses.replace(NEWSROOM, stories=NEWSROOM.stories[:20], notice="<p>The Courier turns one hundred.</p>")
    assert young.respond(NEWSROOM.stories[19].url).status == 200
    assert young.respond(NEWSROOM.stories[20].url).status == 404
    assert len(etree.fromstring(gzip.decompress(young.respond("/sitemaps/archive.xml.gz").body))) == 8
    assert all(b"turns one hundred" in young.respond(story.url).body for story in young.stories)
    assert (
        gold.expected_articles(young)[HOME + NEWSROOM.stories[0].url]
        == gold.expected_articles(NEWSROOM)[HOME + NEWSROOM.stories[0].url]
    )


def test_a_newsroom_may_be_small() -> None:
    by_layout = {story.layout: story for story in NEWSROOM.stories}
    for stories in ((), *((story,) for story in by_layout.values()), NEWSROOM.stories[:3]):
        small = dataclasses.replace(NEWSROOM, stories=stories)
        assert all(small.respond(path).status in (200, 301, 302, 404) for path in small.paths)
        titles = [entry.title for entry in feedparser.parse(small.respond("/feeds/all.rss").body).entries]
        assert titles[: len(stories)] == [story.title for story in stories]


def test_a_story_moves_to_another_layout() -> None:
    moved = dataclasses.replace(STORIES["battery-swap-ferries"], layout="metro")
    redesigned = dataclasses.replace(NEWSROOM, stories=(moved, *NEWSROOM.stories[1:]))
    assert redesigned.respond(FERRY).body != NEWSROOM.respond(FERRY).body
    assert redesigned.respond(FERRY).headers["etag"] != NEWSROOM.respond(FERRY).headers["etag"]


def test_a_broken_story_is_named(tmp_path: Path) -> None:
    good = (HERE / "stories" / "harbour-robots.md").read_text(encoding="utf-8")
    for name, text, message in (
        ("no-front.md", "# Hello", "no front matter"),
        ("bad-toml.md", "+++\nurl = \n+++\nText", r"bad-toml\.md"),
        ("typo.md", good.replace("standfirst =", "standfrist ="), "unknown key standfrist"),
        ("bare.md", '+++\nurl = "/x"\n+++\nText', "missing"),
        ("code.md", good + "\n```\ncode\n```\n", r"code\.md.*fence"),
    ):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        with pytest.raises(StoryError, match=message):
            read_story(path)
    assert load_stories(tmp_path / "none") == ()
