"""Crawls of a small newsroom, recorded once and replayed with the network shut, loopback too.

Record anew, when the newsroom or the spider's requests change: pytest tests/test_recorded_crawl.py --record-mode=rewrite
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import vcr

from crawler.newsroom import gold
from crawler.newsroom.fixture_site import HOME, Newsroom
from crawler.newsroom.newsroom_server import serve_newsroom
from tests.support.recorded import Crawled, crawl

if TYPE_CHECKING:
    from collections.abc import Iterator

STORIES = (
    "battery-swap-ferries",
    "classic-ferry-strike",  # in Latin-1
    "de-sparkasse-roboter",
    "ja-bookshop-pos",
    "repair-economy-two-parts",  # on two pages
    "sunday-delivery-court",  # its old address redirects
)
FIXTURES = (
    "/private/2024/10/12/board-minutes",
    "/tech/2024/08/30/withdrawn-review",
    "/video/2024/10/17/night-shift-at-berth-nine",
)
WHOLE = Newsroom()
ROOM = Newsroom(
    stories=tuple(story for story in WHOLE.stories if story.slug in STORIES),
    fixtures=tuple(fixture for fixture in WHOLE.fixtures if fixture.path in FIXTURES),
)
GOLD = gold.expected_articles(ROOM)
CASSETTES = Path(__file__).parent / "cassettes" / Path(__file__).stem

pytestmark = pytest.mark.block_network(allowed_hosts=["nowhere"])


@pytest.fixture
def vcr_config() -> dict[str, Any]:
    """What differs between two recordings of the same is left out of them."""
    return {"filter_headers": ["User-Agent"], "before_record_response": without_circumstances}


def without_circumstances(response: dict[str, Any]) -> dict[str, Any]:
    kept = {name: values for name, values in response["headers"].items() if name not in ("Date", "Server")}
    return response | {"headers": kept}


@pytest.fixture(autouse=True)
def proxy(record_mode: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The newsroom behind its proxy while recording; later nobody is there, and nobody is asked."""
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    if record_mode == "none":
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        yield
        return
    with serve_newsroom(ROOM) as url:
        monkeypatch.setenv("http_proxy", url)
        yield


def asked(crawled: Crawled) -> int:
    """Requests that left for the network, robots.txt and redirects among them."""
    return int(crawled.stats["downloader/request_count"])


@pytest.mark.vcr
def test_an_outlet_without_a_profile(tmp_path: Path) -> None:
    crawled = crawl(tmp_path, start=f"{HOME}/")
    assert crawled.failures == {}
    assert sorted(crawled.records) == sorted(GOLD)
    assert len(crawled.articles) == len(GOLD)
    for url, expected in GOLD.items():
        record = crawled.records[url]
        for field in ("id", "url", "requested_url", "source", "title", "language", "free"):
            assert (field, record[field]) == (field, expected[field])
        paragraphs = [block for block in expected["text"].split("\n\n") if len(block) > 80]
        assert paragraphs
        assert [block for block in paragraphs if block not in record["text"]] == []
    assert crawled.reasons == gold.expected_rejects(ROOM)
    assert crawled.run["outcome"] == "finished"
    assert crawled.run["articles"] == len(GOLD)


@pytest.mark.vcr
def test_a_list_of_articles(tmp_path: Path) -> None:
    """One article under three addresses is fetched once; a redirect and an error are told by the URL that was asked."""
    ferries = f"{HOME}/2024/10/22/battery-swap-ferries/"
    gone = f"{HOME}/tech/2024/08/30/withdrawn-review"
    urls = [ferries, f"{ferries}?utm_source=feed", f"{ferries}#comments", f"{HOME}/go/sunday-parcels", gone]
    listed = tmp_path / "urls.txt"
    listed.write_text("\n".join(urls), encoding="utf-8")
    crawled = crawl(tmp_path / "data", urls=str(listed))
    assert crawled.failures == {}
    moved = f"{HOME}/business/article/3276008/court-lets-parcels-rest-on-sundays"
    assert sorted(crawled.records) == sorted([ferries, moved])
    assert crawled.records[moved]["requested_url"] == f"{HOME}/go/sunday-parcels"
    assert crawled.records[moved]["url"] == moved
    assert crawled.reasons == {gone: "http_error"}
    assert asked(crawled) == 5  # robots.txt, the ferries once, the old address and where it leads, what is gone


@pytest.mark.vcr
def test_a_site_with_a_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The feed that the profile names, and of it what its pattern calls an article."""
    sites = tmp_path / "sites"
    sites.mkdir()
    articles = [f"{HOME}/2024/10/{day}/a-story/" for day in (1, 2, 3)]
    (sites / "newsroom.example.toml").write_text(
        f"""
        name = "The Quay Courier, waterfront desk"
        domains = ["newsroom.example"]
        language = "en"
        timezone = "Asia/Singapore"
        feeds = ["{HOME}/feeds/all.rss"]
        article = '/2024/\\d+/\\d+/[\\w-]+/$'
        [test]
        articles = {articles}
        others = ["{HOME}/", "{HOME}/tech/"]
        """,
        encoding="utf-8",
    )
    monkeypatch.setenv("WINNOW_SITES_DIR", str(sites))
    crawled = crawl(tmp_path / "data", sites="newsroom.example")
    assert crawled.failures == {}
    record = crawled.records[f"{HOME}/2024/10/22/battery-swap-ferries/"]
    assert len(crawled.articles) == 1
    assert record["source_name"] == "The Quay Courier, waterfront desk"
    assert crawled.run["sites"]["newsroom.example"]["articles"] == 1


def test_a_request_that_is_not_recorded_shows(tmp_path: Path) -> None:
    """The proof that `failures` tells: an article that the cassette does not hold."""
    listed = tmp_path / "urls.txt"
    listed.write_text(f"{HOME}/tech/an-article-of-tomorrow-morning\n", encoding="utf-8")
    with vcr.VCR(record_mode="none").use_cassette(str(CASSETTES / "test_a_list_of_articles.yaml")):
        crawled = crawl(tmp_path / "data", urls=str(listed))
    assert crawled.failures
    assert crawled.articles == []
