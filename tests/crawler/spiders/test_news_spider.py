"""Run the spider with the production handler against local servers: each loopback address is a site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.crawling import Answer, Hosts
from tests.support.news_crawl import CrawlResult, run

if TYPE_CHECKING:
    from pathlib import Path

FULL = "<p>" + "What the feed carries of the first story. " * 12 + "</p>"
XML = {"Content-Type": "application/rss+xml"}


def page(text: str, head: str = "", body: str = "") -> Answer:
    return Answer(
        f"<!doctype html><html><head><title>{text}</title>{head}</head><body><p>{text}</p>{body}</body></html>".encode()
    )


def to(url: str) -> Answer:
    return Answer(b"", 302, {"Location": url})


def feed(*links: str) -> Answer:
    items = "".join(
        f"<item><title>Title {n}</title><link>{link}</link><pubDate>Fri, 03 May 2024 10:0{n % 10}:00 +0200</pubDate></item>"
        for n, link in enumerate(links)
    )
    first = f"<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'><![CDATA[{FULL}]]></content:encoded></item>"
    return Answer(
        f"<rss version='2.0'><channel>{items.replace('</item>', first, 1)}</channel></rss>".encode(), headers=XML
    )


DAY = "/2024/05/03"
SITE = {
    "127.0.0.1/robots.txt": Answer(b"User-agent: *\nDisallow: /private/\n", headers={"Content-Type": "text/plain"}),
    "127.0.0.1/": page("Start", '<link rel="alternate" type="application/rss+xml" href="/out/7f3a">', '<a href="/about-us">About</a>'),
    "127.0.0.1/out/7f3a": feed(
        f"{DAY}/first-story-of-the-day?utm_source=rss",
        f"{DAY}/first-story-of-the-day#comments",
        f"{DAY}/first-story-of-the-day/amp/",
        f"{DAY}/a-long-read-on-three-pages",
        f"{DAY}/an-article-that-is-gone",
        f"{DAY}/a-picture-not-a-page",
        f"{DAY}/moved-to-the-first-story",
        f"{DAY}/leads-to-another-site",
        f"{DAY}/expired-and-sent-home",
        "/private/a-draft-of-a-story-2024-05-03.html",
        f"{DAY}/second-page-is-missing",
    ),
    f"{DAY}/first-story-of-the-day": page("First", '<link rel="next" href="/2024/05/03/an-older-story-of-the-day">'),
    f"{DAY}/a-long-read-on-three-pages": page("Long 1", '<link rel="next" href="?page=2">'),
    f"{DAY}/a-long-read-on-three-pages?page=2": page("Long 2", body='<ul class="pagination"><li><a href="?page=3">3</a></li></ul>'),
    f"{DAY}/a-long-read-on-three-pages?page=3": page("Long 3", '<link rel="next" href="/2024/05/03/an-older-story-of-the-day">'),
    f"{DAY}/an-article-that-is-gone": Answer(b"gone", 404),
    f"{DAY}/a-picture-not-a-page": Answer(b"\x89PNG\r\n\x1a\n" + b"\0" * 99, headers={"Content-Type": "image/png"}),
    f"{DAY}/moved-to-the-first-story": to(f"{DAY}/first-story-of-the-day"),
    f"{DAY}/leads-to-another-site": to("http://127.0.0.3:{port}/landing"),
    f"{DAY}/expired-and-sent-home": to("/"),
    f"{DAY}/second-page-is-missing": page("Half", '<link rel="next" href="/2024/05/03/second-page-is-missing/2">'),
    f"{DAY}/second-page-is-missing/2": Answer(b"gone", 404),
    # A site whose feed links through a host that counts clicks.
    "127.0.0.4/feed": feed("http://127.0.0.2:{port}/click/1", "http://127.0.0.2:{port}/click/2"),
    "127.0.0.2/click/1": to("http://127.0.0.4:{port}/2024/05/03/reached-through-a-counter"),
    "127.0.0.2/click/2": to("http://127.0.0.5:{port}/2024/05/03/somebody-elses-story"),
    # A site that is down.
    "127.0.0.6/": Answer(b"no", 500),
}  # fmt: skip


@pytest.fixture(scope="module")
def crawled() -> tuple[Hosts, CrawlResult]:
    hosts = Hosts({})
    counting = feed(*(f"http://127.0.0.2:{hosts.port}/click/{n}" for n in (1, 2)))
    hosts.answers = {**SITE, "127.0.0.4/feed": counting}
    with hosts:
        starts = [hosts.url("/", "127.0.0.1"), hosts.url("/feed", "127.0.0.4"), hosts.url("/", "127.0.0.6")]
        return hosts, run(start=",".join(starts))


def test_each_article_is_fetched_once_under_its_clean_url(crawled: tuple[Hosts, CrawlResult]) -> None:
    hosts, outcome = crawled
    requested = hosts.paths()
    assert [path for path in requested if "first-story" in path and "moved" not in path] == [
        f"{DAY}/first-story-of-the-day"
    ] * 2
    assert sorted(requested) == sorted([*set(requested), f"{DAY}/first-story-of-the-day", "/"])  # again after redirects
    assert outcome.sites["127.0.0.1"]["repeated"] == 1


def test_a_page_carries_what_the_pipeline_needs(crawled: tuple[Hosts, CrawlResult]) -> None:
    hosts, outcome = crawled
    first = outcome.pages[hosts.url(f"{DAY}/first-story-of-the-day")]
    assert "<p>First</p>" in first["html"]
    assert first["headers"]["content-type"] == "text/html; charset=utf-8"
    assert "What the feed carries" in first["feed_html"]
    assert (first["title"], first["published"]) == ("Title 0", "2024-05-03T10:00:00+02:00")
    assert (first["site"], first["status"], first["zone"], first["more"]) == ("127.0.0.1", 200, "UTC", [])


def test_pages_of_one_article_are_joined_and_the_next_article_is_not(crawled: tuple[Hosts, CrawlResult]) -> None:
    hosts, outcome = crawled
    long = outcome.pages[hosts.url(f"{DAY}/a-long-read-on-three-pages")]
    assert "Long 1" in long["html"]
    assert ["Long 2" in long["more"][0], "Long 3" in long["more"][1], len(long["more"])] == [True, True, 2]
    assert not any("older-story" in path for path in hosts.paths())


def test_an_article_with_a_missing_page_is_kept_and_counted(crawled: tuple[Hosts, CrawlResult]) -> None:
    hosts, outcome = crawled
    assert outcome.pages[hosts.url(f"{DAY}/second-page-is-missing")]["more"] == []
    assert outcome.sites["127.0.0.1"]["incomplete"] == 1
    assert "page 2 of" in outcome.log


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (f"{DAY}/an-article-that-is-gone", "http_error"),
        (f"{DAY}/a-picture-not-a-page", "not_html"),
        (f"{DAY}/leads-to-another-site", "redirected_off_site"),
        (f"{DAY}/expired-and-sent-home", "not_article"),
        ("/private/a-draft-of-a-story-2024-05-03.html", "robots"),
    ],
)
def test_a_url_without_a_page_fails_with_a_reason(crawled: tuple[Hosts, CrawlResult], path: str, reason: str) -> None:
    hosts, outcome = crawled
    failed = outcome.failed[hosts.url(path)]
    assert failed["reason"] == reason
    assert failed["detail"]
    assert failed["site"] == "127.0.0.1"
    assert path not in hosts.paths() or reason != "robots"


def test_links_through_a_redirector_are_judged_by_where_they_end(crawled: tuple[Hosts, CrawlResult]) -> None:
    hosts, outcome = crawled
    reached = outcome.pages[hosts.url("/click/1", "127.0.0.2")]
    assert reached["url"] == hosts.url("/2024/05/03/reached-through-a-counter", "127.0.0.4")
    assert reached["site"] == "127.0.0.4"
    assert outcome.failed[hosts.url("/click/2", "127.0.0.2")]["reason"] == "redirected_off_site"


def test_the_counts_show_a_site_that_failed(crawled: tuple[Hosts, CrawlResult]) -> None:
    _, outcome = crawled
    good, bad = outcome.sites["127.0.0.1"], outcome.sites["127.0.0.6"]
    assert good.get("failed_sources", 0) == 0
    assert (good["candidates"], good["fetched"], good["refused"]) == (9, 3, 5)
    assert bad["sources"] == bad["failed_sources"] == 1
    assert "fetched" not in bad


def test_only_the_urls_of_a_list_are_fetched(tmp_path: Path) -> None:
    file = tmp_path / "urls.txt"
    with Hosts(SITE) as hosts:
        story = hosts.url(f"{DAY}/first-story-of-the-day")
        file.write_text(f"# mine\n{story}?utm_source=list\nnot a url\n{story}/\n{hosts.url('/private/x')}\n")
        outcome = run(urls=str(file))
    assert list(outcome.pages) == [story]
    assert {url: failed["reason"] for url, failed in outcome.failed.items()} == {hosts.url("/private/x"): "robots"}
    assert hosts.paths() == ["/robots.txt", f"{DAY}/first-story-of-the-day"]
    assert f"{file}, line 3 skipped" in outcome.log


def test_a_limit_and_a_large_sitemap() -> None:
    entries = "".join(
        f"<url><loc>/2024/05/03/story-number-{n}</loc><lastmod>2024-05-03T00:{n // 60 % 60:02}:{n % 60:02}Z</lastmod></url>"
        for n in range(3000)
    )
    sitemap = Answer(f"<urlset>{entries}</urlset>".encode(), headers={"Content-Type": "text/xml"})
    with Hosts({"/sitemap.xml": sitemap}) as hosts:
        outcome = run(start=hosts.url("/sitemap.xml"), limit="3", since="2024-05-01")
    wanted = [hosts.url(f"/2024/05/03/story-number-{n}") for n in (2999, 2998, 2997)]
    assert sorted(outcome.pages) == sorted(wanted)
    assert hosts.paths() == ["/robots.txt", "/sitemap.xml", *(url.partition(str(hosts.port))[2] for url in wanted)]


@pytest.mark.slow
def test_a_sitemap_longer_than_the_in_flight_limit_is_fetched_to_its_end() -> None:
    entries = "".join(f"<url><loc>/2024/05/03/story-number-{n}</loc></url>" for n in range(450))
    sitemap = Answer(f"<urlset>{entries}</urlset>".encode(), headers={"Content-Type": "text/xml"})
    with Hosts({"/sitemap.xml": sitemap}) as hosts:
        hosts.server.RequestHandlerClass.disable_nagle_algorithm = True  # type: ignore[attr-defined]  # 40 ms a page
        outcome = run(start=hosts.url("/sitemap.xml"))
    assert len(outcome.pages) == 450
    assert max(request.active for request in hosts.received) == 1
