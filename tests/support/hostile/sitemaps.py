"""Outlets whose sitemap is the weapon."""

from __future__ import annotations

import gzip

from tests.support.hostile.feeds import BAD_STAMP, LONG_LABEL
from tests.support.hostile.outlet import GZIP, HEALTHY, MAP, TEXT, XML, Outlet, Routes, Served, with_sitemap
from tests.support.hostile.prose import article_page, loc, start_page, urlset

_MIB = 2**20


def _twice_gzipped(home: str) -> bytes:
    """Some 600 bytes that unpack to 96 MB of elements that no sitemap has."""
    return gzip.compress(gzip.compress(urlset(loc(home + HEALTHY), "<x/>" * 24_000_000), 9), 9)


def _bomb(home: str) -> bytes:
    """Two gigabytes of spaces as 128 members of a gzip file, which is built from one."""
    member = gzip.compress(b" " * 16 * _MIB, 9)
    return gzip.compress(urlset(loc(home + HEALTHY))[: -len("</urlset>")]) + member * 128


def _loop_routes(home: str) -> Routes:
    """Serve an index whose newest children are itself and a sitemap, while the others do not exist."""
    children = [f"{home}{MAP}?{n}</loc><lastmod>2026-03-0{n + 2}</lastmod>" for n in range(3)]
    children += [f"{home}/recent-news.xml</loc>", *(f"{home}/gone/{n}.xml</loc>" for n in range(50_000))]
    index = "".join(f"<sitemap><loc>{child}</sitemap>" for child in children)
    return {
        "/": Served(start_page()),
        "/robots.txt": Served(f"Sitemap: {home}{MAP}\n".encode(), TEXT),
        MAP: Served(f"<sitemapindex>{index}</sitemapindex>".encode(), XML),
        "/recent-news.xml": Served(urlset(loc(home + HEALTHY)), XML),
        HEALTHY: Served(article_page("sitemap-loop", 0)),
    }


SITEMAPS: tuple[Outlet, ...] = (
    with_sitemap("sitemap-twice-gzipped", "memory, with 24 million empty elements in 600 bytes", _twice_gzipped, GZIP, may_lose=True),
    with_sitemap("sitemap-bomb", "memory, with two gigabytes of spaces in two megabytes", _bomb, GZIP, loses=True, may_lose=True),
    with_sitemap(
        "sitemap-inside-entry", "memory, with 10 million elements inside one entry",
        lambda home: gzip.compress(urlset(loc(home + HEALTHY), f"<url>{'<x/>' * 10_000_000}</url>")), GZIP, may_lose=True,
    ),
    with_sitemap(
        "sitemap-nested", "the stack, with elements a million deep",
        lambda home: gzip.compress(urlset(loc(home + HEALTHY), "<x>" * 1_000_000)), GZIP, may_lose=True,
    ),
    with_sitemap(
        "sitemap-64-mb", "time, with 63 MB of entries that are all the same",
        lambda home: urlset(loc(home + HEALTHY), loc(f"{home}/") * (63 * _MIB // len(loc(f"{home}/")))), may_lose=True,
    ),
    Outlet("sitemap-loop", "the number of requests, with an index of itself and 50,000 others", _loop_routes),
    with_sitemap(
        "sitemap-namespace", "the parser of names, with a brace in a namespace",
        lambda home: urlset(loc(f"{home}/a", attributes=" xmlns='x}y'"), loc(home + HEALTHY)),
    ),
    with_sitemap(
        "sitemap-bad-date", "the parser of dates, with 40 digits for the hour",
        lambda home: urlset(loc(f"{home}/", f"<lastmod>{BAD_STAMP}</lastmod>"), loc(home + HEALTHY)),
    ),
    with_sitemap(
        "sitemap-host-label", "the encoder of host names, with a label of 64 letters",
        lambda home: urlset(loc(f"http://{LONG_LABEL}.example/2026/03/05/the-harbour-opens"), loc(home + HEALTHY)),
    ),
    with_sitemap(
        "sitemap-entities", "memory, files and other hosts, with entities",
        lambda home: b"<!DOCTYPE r [<!ENTITY f SYSTEM 'file:///etc/hostname'><!ENTITY a 'ha'>"
        + b"".join(b"<!ENTITY a%d '%s'>" % (n, b"&a%s;" % (b"%d" % (n - 1) if n else b"") * 10) for n in range(10))
        + b"]>" + urlset(loc(f"{home}/&f;&a9;"), loc(home + HEALTHY)), may_lose=True,
    ),
    with_sitemap(
        "sitemap-long-line", "all patterns of URLs, with one line of 30 MB",
        lambda home: f"{home}{HEALTHY}\n{home}/{'a' * 30 * _MIB}\n".encode(), TEXT, loses=True, may_lose=True,
    ),
    with_sitemap(
        "sitemap-attributes", "the parser of attributes, with 500,000 at one element",
        lambda home: urlset(loc(home + HEALTHY), loc(f"{home}/", attributes="".join(f" a{n}=''" for n in range(500_000)))), may_lose=True,
    ),
)  # fmt: skip
