"""Parse feeds as sites serve them: every dialect, every kind of damage."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from crawler.discovery.feeds import parse_feed

URL = "https://example.com/feed"
TEXT = "<p>" + "The whole text of the article, as the outlet's own feed carries it. " * 8 + "</p>"

RSS_091 = b"""<?xml version="1.0"?><rss version="0.91"><channel><title>Old</title><link>https://example.com/</link>
<item><title>First &amp; foremost</title><link>https://example.com/one</link></item>
<item><title>Second</title><link>/two?utm_source=rss</link></item></channel></rss>"""

RDF = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://example.com/">
<title>RDF</title><link>https://example.com/</link></channel>
<item rdf:about="https://example.com/one"><title>First &amp; foremost</title><link>https://example.com/one</link>
<dc:date>2024-05-03T10:00:00+09:00</dc:date></item>
<item rdf:about="https://example.com/two"><title>Second</title><link>https://example.com/two</link></item></rdf:RDF>"""

RSS_20 = f"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel><title>New</title>
<item><title>First &amp; foremost</title><link>https://feeds.example.net/~r/x/1</link>
<feedburner:origLink>https://example.com/one</feedburner:origLink>
<pubDate>Fri, 03 May 2024 10:00:00 +0900</pubDate><content:encoded><![CDATA[{TEXT}]]></content:encoded></item>
<item><title>Second</title><guid>https://example.com/two</guid><description>A teaser.</description></item>
</channel></rss>""".encode()

ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.com/"><title>Atom</title>
<entry><title type="html">First &amp;amp; foremost</title><link rel="self" href="https://example.com/one.atom"/>
<link rel="alternate" href="one"/><id>urn:1</id><published>2024-05-03T10:00:00+09:00</published>
<updated>2024-05-09T00:00:00Z</updated><content type="html"><![CDATA[{TEXT}]]></content></entry>
<entry><title>Second</title><link href="https://example.com/two"/><id>urn:2</id></entry></feed>""".encode()

JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "JSON",
        "items": [
            {"id": "1", "url": "https://example.com/one", "title": "First & foremost", "content_html": TEXT,
             "date_published": "2024-05-03T10:00:00+09:00"},
            {"id": "https://example.com/two", "title": "Second"},
        ],
    }
).encode()  # fmt: skip


@pytest.mark.parametrize("body", [RSS_091, RDF, RSS_20, ATOM, JSON], ids=["rss 0.91", "rdf", "rss 2.0", "atom", "json"])
def test_every_dialect_gives_the_same_two_articles_in_order(body: bytes) -> None:
    feed = parse_feed(body, URL)
    assert [(c.url, c.title) for c in feed.candidates] == [
        ("https://example.com/one", "First & foremost"),
        ("https://example.com/two", "Second"),
    ]
    assert feed.problems == ()
    assert feed.title
    assert {c.source_url for c in feed.candidates} == {URL}


@pytest.mark.parametrize("body", [RDF, RSS_20, ATOM, JSON])
def test_dates_keep_their_time_and_offset(body: bytes) -> None:
    published = parse_feed(body, URL).candidates[0].published
    assert published == datetime(2024, 5, 3, 1, tzinfo=UTC)
    assert published is not None
    assert published.utcoffset() == timedelta(hours=9)


@pytest.mark.parametrize("body", [RSS_20, ATOM, JSON])
def test_full_text_rides_along_and_teasers_do_not(body: bytes) -> None:
    first, second = parse_feed(body, URL).candidates
    assert "as the outlet's own feed carries it" in (first.feed_html or "").replace("&#x27;", "'")
    assert second.feed_html is None


def test_a_named_zone_is_understood_and_a_missing_one_is_utc() -> None:
    body = RSS_20.replace(b"Fri, 03 May 2024 10:00:00 +0900", b"Fri, 3 May 2024 10:00 EDT")
    assert parse_feed(body, URL).candidates[0].published == datetime(2024, 5, 3, 14, tzinfo=UTC)
    body = RSS_20.replace(b"Fri, 03 May 2024 10:00:00 +0900", b"2024-05-03 10:00:00")
    assert parse_feed(body, URL).candidates[0].published == datetime(2024, 5, 3, 10, tzinfo=UTC)


def test_a_bad_date_is_a_problem_that_names_the_feed_and_costs_no_article() -> None:
    feed = parse_feed(RSS_20.replace(b"Fri, 03 May 2024 10:00:00 +0900", b"yesterday at 25:99"), URL)
    assert len(feed.candidates) == 2
    assert feed.candidates[0].published is None
    assert any("yesterday" in problem and URL in problem for problem in feed.problems)


def test_a_latin1_feed_is_read_as_declared_and_as_served() -> None:
    item = "<item><title>Größe über Länge</title><link>https://example.com/one</link></item>"
    declared = f'<?xml version="1.0" encoding="iso-8859-1"?><rss version="2.0"><channel>{item}</channel></rss>'
    assert parse_feed(declared.encode("latin-1"), URL).candidates[0].title == "Größe über Länge"
    served = f"<rss version='2.0'><channel>{item}</channel></rss>"
    feed = parse_feed(served.encode("latin-1"), URL, "application/rss+xml; charset=iso-8859-1")
    assert feed.candidates[0].title == "Größe über Länge"


def test_a_wrong_encoding_still_gives_the_links() -> None:
    body = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><item><title>Größe</title>'
    body += "<link>https://example.com/one</link></item></channel></rss>"
    feed = parse_feed(body.encode("latin-1"), URL)
    assert [c.url for c in feed.candidates] == ["https://example.com/one"]


def test_a_truncated_feed_gives_its_whole_entries_and_never_half_a_link() -> None:
    cut = RSS_091[: RSS_091.index(b"/two") + 3]
    feed = parse_feed(cut, URL)
    assert [c.url for c in feed.candidates] == ["https://example.com/one"]
    assert any(URL in problem for problem in feed.problems)


def test_a_bare_ampersand_does_not_cost_the_feed() -> None:
    feed = parse_feed(RSS_091.replace(b"&amp;", b"&"), URL)
    assert [c.url for c in feed.candidates] == ["https://example.com/one", "https://example.com/two"]


@pytest.mark.parametrize(
    "body",
    [b"", b"  \n", b"<!doctype html><html><body>Not found</body></html>", b"{", b'{"items": 3}', b"[]", b"\x00\xff" * 500,
     b"/etc/passwd", b"https://example.com/elsewhere", b"<rss", b"\xef\xbb\xbf<html></html>", b"[" * 100_000],
    ids=str,
)  # fmt: skip
def test_what_is_no_feed_is_a_problem_that_names_the_url(body: bytes) -> None:
    feed = parse_feed(body, URL)
    assert feed.candidates == ()
    assert len(feed.problems) == 1
    assert URL in feed.problems[0]


def test_an_entity_bomb_is_harmless() -> None:
    entities = '<!ENTITY a0 "boom">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<?xml version="1.0"?><!DOCTYPE rss [{entities}]>'.encode() + RSS_091.partition(b"?>")[2].replace(
        b"Second", b"&a11;"
    )
    feed = parse_feed(body, URL)
    assert sum(len(c.title or "") for c in feed.candidates) < 1000


def test_an_entry_without_a_link_is_counted_and_the_rest_kept() -> None:
    feed = parse_feed(
        RSS_091.replace(b"<link>https://example.com/one</link>", b"<link>mailto:a@example.com</link>"), URL
    )
    assert [c.url for c in feed.candidates] == ["https://example.com/two"]
    assert any("entry 1" in problem and URL in problem for problem in feed.problems)
