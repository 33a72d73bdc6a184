"""Parse sitemaps as sites serve them: news, indexes, gzip, text, damage, bombs."""

from __future__ import annotations

import gzip
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest

from crawler.discovery import sitemaps
from crawler.discovery.base import MAX_CHILDREN
from crawler.discovery.sitemaps import SitemapEntry, SitemapError, choose_child_sitemaps, iter_sitemap

URL = "https://example.com/sitemap.xml"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
)
NEWS = (
    "<url><image:image><image:loc>https://example.com/a.jpg</image:loc><image:title>A picture</image:title></image:image>"
    "<loc> https://example.com/one?utm_source=sitemap </loc><lastmod>2024-05-04</lastmod><news:news><news:publication>"
    "<news:name>Example</news:name><news:language>de</news:language></news:publication>"
    "<news:publication_date>2024-05-03T10:00:00+02:00</news:publication_date><news:title><![CDATA[Söhne & Töchter]]></news:title>"
    "</news:news></url>"
)
TWO = "<url><loc>https://example.com/two</loc></url>"
BODY = (HEAD + NEWS + TWO + "</urlset>").encode()


def urls(body: bytes) -> list[str]:
    return [entry.url for entry in iter_sitemap(body, URL)]


def read_until_error(body: bytes) -> tuple[list[str], str]:
    found: list[str] = []
    with pytest.raises(SitemapError) as error:
        found.extend(entry.url for entry in iter_sitemap(body, URL))
    return found, str(error.value)


def test_a_news_sitemap_gives_url_title_language_and_both_dates() -> None:
    first, second = iter_sitemap(BODY, URL)
    assert first == SitemapEntry(
        "https://example.com/one",
        lastmod=datetime(2024, 5, 4, tzinfo=UTC),
        published=datetime(2024, 5, 3, 8, tzinfo=UTC),
        title="Söhne & Töchter",
        language="de",
    )
    assert second == SitemapEntry("https://example.com/two")


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(BODY),
        gzip.compress(gzip.compress(BODY)),
        b"\n\n  " + BODY,
        b"\xef\xbb\xbf" + BODY,
        b"Warning: something on line 3<br />\n".replace(b"<br />", b"") + BODY,
        BODY.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        BODY.replace(b' xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"', b""),
        BODY.replace(b"sitemaps.org/schemas/sitemap/0.9", b"google.com/schemas/sitemap/0.84"),
        b"https://example.com/one\r\nhttps://example.com/two\r\n",
    ],
    ids=["gz", "gz of gz", "blank lines", "BOM", "a warning first", "UTF-16", "no namespace", "old namespace", "text"],
)
def test_the_same_urls_come_out_of_every_packing(body: bytes) -> None:
    assert urls(body) == ["https://example.com/one", "https://example.com/two"]


def test_a_feed_may_stand_in_for_a_sitemap() -> None:
    feed = (
        b"<rss version='2.0'><channel><item><title>T</title><link>https://example.com/one</link></item></channel></rss>"
    )
    assert urls(feed) == ["https://example.com/one"]


def test_a_bad_date_is_named_and_the_entry_kept() -> None:
    entry = next(iter_sitemap(BODY.replace(b"2024-05-04", b"0000-99-99"), URL))
    assert entry.url == "https://example.com/one"
    assert entry.lastmod is None
    assert entry.published is not None
    assert "0000-99-99" in entry.problem
    assert URL in entry.problem


def test_entries_before_the_damage_are_kept_and_half_a_url_is_not() -> None:
    found, error = read_until_error(BODY[: BODY.index(b"example.com/two") + 13])
    assert found == ["https://example.com/one"]
    assert URL in error


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"<!DOCTYPE html><html></html>",
        b"\x00\x01\xff" * 99,
        b"just words",
        gzip.compress(BODY)[:-60],
        b"\x1f\x8b",
    ],
    ids=["empty", "blank", "HTML", "noise", "words", "cut gzip", "two bytes of gzip"],
)
def test_what_is_no_sitemap_is_an_error_that_names_the_url(body: bytes) -> None:
    found, error = read_until_error(body)
    assert found == []
    assert URL in error


@pytest.mark.parametrize("layers", [1, 2])
def test_a_gzip_bomb_ends_in_an_error_and_not_in_memory(layers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "MAX_BYTES", 20 * 2**20)
    bomb = HEAD.encode() + b" " * (64 * 2**20)
    for _ in range(layers):
        bomb = gzip.compress(bomb, 1)
    tracemalloc.start()
    found, error = read_until_error(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == []
    assert "more than 20 MB" in error
    assert URL in error
    assert peak < 10 * 2**20


def test_entity_bombs_and_files_of_this_machine_come_to_nothing() -> None:
    entities = '<!ENTITY a0 "boom">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE urlset [{entities}]><urlset><url><loc>https://example.com/&a11;</loc></url></urlset>'
    found, error = read_until_error(bomb.encode())
    assert found == []
    assert URL in error
    local = '<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>https://example.com/&x;</loc></url></urlset>'
    assert "root" not in str(urls(local.encode()))


def test_a_large_sitemap_is_streamed() -> None:
    rows = "".join(
        f"<url><loc>https://example.com/story/{n}</loc><lastmod>2024-05-04</lastmod></url>" for n in range(20_000)
    )
    body = (HEAD + rows + "</urlset>").encode()
    tracemalloc.start()
    count = sum(1 for _ in iter_sitemap(body, URL))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 3 * 2**20  # the body itself is not counted, it was there before


def index(*children: tuple[str, str | None]) -> list[SitemapEntry]:
    rows = "".join(
        f"<sitemap><loc>{name}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</sitemap>" for name, day in children
    )
    body = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'
    return list(iter_sitemap(body.encode(), URL))


def names(entries: list[SitemapEntry]) -> list[str]:
    return [entry.url.rsplit("/", 1)[-1] for entry in entries]


def test_the_newest_children_of_an_index_come_first_and_old_ones_stay_out() -> None:
    entries = index(
        ("/maps/a.xml", "2009-12-31"), ("/maps/b.xml.gz", "2024-05-02"), ("/maps/c.xml", "2024-05-04T01:00:00Z")
    )
    assert all(entry.is_index for entry in entries)
    assert names(choose_child_sitemaps(entries, None)) == ["c.xml", "b.xml.gz", "a.xml"]
    assert names(choose_child_sitemaps(entries, datetime(2024, 5, 1, tzinfo=UTC))) == ["c.xml", "b.xml.gz"]


def test_a_child_is_judged_by_the_month_in_its_name() -> None:
    since = datetime(2024, 5, 20, tzinfo=UTC)
    entries = index(
        ("/posts-2024-04.xml", None),
        ("/posts-2024-05.xml", None),
        ("/posts-201905.xml", "2024-05-30"),  # touched since, but of 2019
        ("/2024/archive.xml", None),
        ("/2023/archive.xml", None),
        ("/posts-2024-05-19.xml", None),
        ("/posts-12.xml", None),
    )
    assert {entry.url for entry in choose_child_sitemaps(entries, since)} == {
        "https://example.com/posts-2024-05.xml",
        "https://example.com/2024/archive.xml",
        "https://example.com/posts-2024-05-19.xml",
        "https://example.com/posts-12.xml",
    }


def test_lists_of_other_things_stay_out_and_the_number_is_bounded() -> None:
    entries = index(
        ("/author-sitemap.xml", None), ("/post_tag-sitemap.xml", None), ("/category-sitemap2.xml", None),
        ("/page-sitemap.xml", None), ("/sitemap-images.xml", None), ("/post-sitemap.xml", None),
        ("/sitemap-page-3.xml", None), ("/news-sitemap.xml", None),
    )  # fmt: skip
    assert names(choose_child_sitemaps(entries, None)) == ["news-sitemap.xml", "post-sitemap.xml", "sitemap-page-3.xml"]
    now = datetime(2024, 5, 4, tzinfo=UTC)
    many = [SitemapEntry(f"https://example.com/{n}.xml", True, now - timedelta(n)) for n in range(500)]
    assert choose_child_sitemaps(many, None) == many[:MAX_CHILDREN]
