"""Outlets whose feed is the weapon."""

from __future__ import annotations

import json
from typing import Any

from tests.support.hostile.outlet import HEALTHY, JSON, RSS, Outlet, with_feed
from tests.support.hostile.prose import channel, item

LONG_LABEL = "v" * 64
BAD_STAMP = "1:" + "9" * 40
_FAR_DATES = (
    "Mon, 01 Jan 0000 00:00:00 GMT", "Mon, 01 Jan 2026 00:00:00 +9999999", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00",
)  # fmt: skip
_NESTED_ENTITIES = "<!DOCTYPE r [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{level} '{f'&a{level - 1};' * 10}'>" for level in range(1, 12)
)


def _json_feed(home: str, *entries: dict[str, Any]) -> bytes:
    healthy = {"id": "1", "url": home + HEALTHY, "title": "The ferry runs again after the long storm"}
    version = "https://jsonfeed.org/version/1.1"
    return json.dumps({"version": version, "title": "The Courier", "items": [*entries, healthy]}).encode()


def _beside(home: str, *items: str) -> bytes:
    """The healthy entry comes last: what goes before must not keep a reader from it."""
    return channel(*items, item(home + HEALTHY))


FEEDS: tuple[Outlet, ...] = (
    with_feed(
        "feed-comments", "a pattern that tells HTML from a feed, with 40 empty comments",
        lambda home: channel(item(home + HEALTHY), before="<!---->" * 40),
    ),
    with_feed(
        "feed-comment-open", "the same pattern, with comments that contain comments and never end",
        lambda home: channel(item(home + HEALTHY), before="<!-- -->" + "<!--- --" * 500 + "-->"),
        may_lose=True,
    ),
    with_feed(
        "feed-json-angles", "a pattern of tags, with a megabyte of < in a JSON feed",
        lambda home: _json_feed(home, {"url": f"{home}/", "content_html": "<" * 1_000_000}), JSON,
    ),
    with_feed(
        "feed-title-angles", "a pattern of tags, with 500,000 escaped < in a title",
        lambda home: channel(item(home + HEALTHY, "&lt;" * 500_000)),
    ),
    with_feed(
        "feed-text-angles", "a pattern of tags, with a megabyte of < in a CDATA section",
        lambda home: channel(item(home + HEALTHY, more=f"<description><![CDATA[{'<' * 1_000_000}]]></description>")),
        may_lose=True,
    ),
    with_feed(
        "feed-author-dots", "feedparser's pattern of mail addresses, with 600 KB of letters and dots",
        lambda home: channel(item(home + HEALTHY, more=f"<author>{'a.' * 300_000}</author>")), may_lose=True,
    ),
    with_feed(
        "feed-many-entries", "time and memory, with 300,000 entries",
        lambda home: channel(item(home + HEALTHY), f"<item><link>{home}/s/1</link></item>" * 300_000), may_lose=True,
    ),
    with_feed(
        "feed-url-query", "a pattern of parameters, with ?r=rss_a_a_a...!",
        lambda home: _beside(home, item(f"{home}/a?r=rss{'_a' * 40}!")),
    ),
    with_feed(
        "feed-url-path", "a pattern of path segments, with /privacy_a_a_a...!",
        lambda home: _beside(home, item(f"{home}/privacy{'_a' * 40}!")),
    ),
    with_feed(
        "feed-url-long", "all patterns of URLs, with 100,000 letters in one",
        lambda home: _beside(home, item(f"{home}/2026/03/05/{'a' * 100_000}")), loses=True,
    ),
    with_feed(
        "feed-url-port", "the parser of URLs, with ports and brackets that no host has",
        lambda home: _beside(home, *(item(url) for url in ("http://[::1/a", "http://a.example:99999999/a", "http://[v/"))),
    ),
    with_feed(
        "feed-host-label", "the encoder of host names, with a label of 64 letters",
        lambda home: _beside(home, item(f"http://{LONG_LABEL}.example/2026/03/05/the-harbour-opens-its-gate")),
    ),
    with_feed(
        "feed-json-deep", "the stack, with lists in lists in lists",
        lambda _home: b'{"version": "https://jsonfeed.org/version/1.1", "items": ' + b"[" * 200_000, JSON, collects=(), loses=True,
    ),
    with_feed(
        "feed-json-digits", "the parser of numbers, with a date of a million digits",
        lambda home: _json_feed(home, {"url": f"{home}/", "date_published": 0}).replace(b": 0", b": " + b"9" * 1_000_000), JSON,
        may_lose=True,
    ),
    with_feed(
        "feed-json-surrogate", "the writer of records, with half a character in a title",
        lambda home: _json_feed(home).replace(b"The ferry", b"The \\ud83d ferry \\udc00"), JSON,
    ),
    with_feed(
        "feed-charref", "the decoder of characters, with two halves as references",
        lambda home: channel(item(home + HEALTHY, "The ferry &#55357;&#56832; runs again after the long storm")),
    ),
    with_feed(
        "feed-bad-date", "the parser of dates, with 40 digits for the hour",
        lambda home: _beside(home, item(f"{home}/", more=f"<pubDate>{BAD_STAMP}</pubDate>")),
    ),
    with_feed(
        "feed-far-dates", "the calendar, with years and zones that no clock has",
        lambda home: _beside(home, *(item(f"{home}/", more=f"<pubDate>{date}</pubDate>") for date in _FAR_DATES)),
    ),
    with_feed(
        "feed-entities", "memory, with entities in entities (a billion laughs)",
        lambda home: channel(item(home + HEALTHY, "&a11;"), before=f"{_NESTED_ENTITIES}]>"), may_lose=True,
    ),
    with_feed(
        "feed-nested", "the stack, with elements 200,000 deep",
        lambda home: channel(item(home + HEALTHY), "<b>" * 200_000), may_lose=True,
    ),
    with_feed(
        "feed-attributes", "the parser of attributes, with 200,000 at one element",
        lambda home: _beside(home, f"<item {' '.join(f'a{n}=' + repr('') for n in range(200_000))}></item>"), may_lose=True,
    ),
    with_feed(
        "feed-utf-16", "the sniffing of types, with a feed in UTF-16",
        lambda home: channel(item(home + HEALTHY), before="<?xml version='1.0' encoding='utf-16'?>").decode().encode("utf-16"),
    ),
    with_feed(
        "feed-lying-type", "the choice of a parser, with HTML that says it is JSON",
        lambda _home: b"<!doctype html><title>Log in</title>" + b"<div>{[" * 300_000, JSON, collects=(), loses=True,
    ),
    with_feed(
        "feed-control", "the terminal, with escape sequences in a title that cannot be parsed",
        lambda home: channel(item(home + HEALTHY, "The ferry \x1b]0;owned\x07 runs again \x9b31m after the storm")), RSS, may_lose=True,
    ),
)  # fmt: skip
