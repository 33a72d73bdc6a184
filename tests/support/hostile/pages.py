"""Outlets whose article page is the weapon: its markup, its text, and where it says that it belongs."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from tests.support.hostile.outlet import FEED, HEALTHY, HOSTILE, HTML, JSON, RSS, Outlet, Served, with_page
from tests.support.hostile.prose import article_page, rss, start_page

if TYPE_CHECKING:
    from tests.support.hostile.outlet import Routes

BOTH = (HEALTHY, HOSTILE)
_NUMBER = 5  # of the hostile article's text


def _made(name: str, attacks: str, *, head: str = "", before: str = "", more: str = "", **owed: object) -> Outlet:
    """Return an outlet with an article page that has this in its head, before its text, or after it.

    If the page is neither a record nor may be lost, the cleaners have to tell why.
    """

    def page(_home: str) -> Routes:
        return {HOSTILE: Served(article_page(name, _NUMBER, head=head, before=before, more=more))}

    return with_page(name, attacks, page, **owed)


_slow = partial(_made, may_lose=True)
_whole = partial(_made, collects=BOTH)


def _endless_pages(_home: str) -> Routes:
    def page(number: int) -> Served:
        pager = f'<div class="pagination"><a rel="next" href="{HOSTILE}?page={number + 1}">{number + 1}</a></div>'
        filler = f"<!-- {number} {'x' * 9_500_000} -->"
        return Served(article_page("page-endless", _NUMBER + number, more=pager + filler))

    # 25 are more than a crawler should follow, and twice as many would not show more.
    return {HOSTILE: page(1), **{f"{HOSTILE}?page={number}": page(number) for number in range(2, 26)}}


def _redirect_to_pattern(_home: str) -> Routes:
    return {
        HOSTILE: Served(b"", HTML, 302, {"Location": _PATTERN_PATH}),
        "/privacy*": Served(article_page("page-redirect", _NUMBER)),
    }


def _reserving(home: str) -> Routes:
    rules = ",".join(f'{{"location":"/*a*{n}*b","tdm-reservation":1}}' for n in range(10_000))
    return {
        "/": Served(start_page(FEED)),
        FEED: Served(rss(home + HEALTHY), RSS),
        HEALTHY: Served(article_page("page-tdmrep", 0)),
        "/.well-known/tdmrep.json": Served(f"[{rules}]".encode(), JSON),
    }


def _script(json: str) -> str:
    return f'<script type="application/ld+json">{json}</script>'


def _news(more: str) -> str:
    return f'{{"@context":"https://schema.org","@type":"NewsArticle",{more}}}'


# Each \u escape is half of a character without its other half.
_HALVES = (
    r'"headline":"The \ud83d harbour opens","description":"\udc00","keywords":["\udfff"],'
    r'"author":{"name":"Ruth \ud800"},"articleSection":"\ud83d"'
)
_PATTERN_PATH = f"/privacy{'_a' * 40}!?r=rss{'_a' * 40}!"

PAGES: tuple[Outlet, ...] = (
    _slow("page-hidden", "the showing of hidden elements, with 20,000 in a row", before="<p hidden>x</p>" * 20_000),
    _slow("page-hidden-nested", "the same, with 3,000 inside each other", before="<div hidden>" * 3_000),
    _slow("page-paragraphs", "the search for bylines, with 100,000 paragraphs of a letter", more="<p>x" * 100_000),
    _slow("page-blocks", "the segmenter, with 100,000 blocks of a letter", more="<div>a</div>" * 100_000),
    _slow(
        "page-headings",
        "the choice of a title, with a megabyte of headings",
        before="<h1>The harbour opens</h1>" * 40_000,
    ),
    _slow(
        "page-items",
        "lists, with 50,000 items and terms",
        more="<ul>" + "<li>x" * 50_000 + "</ul><dl>" + "<dt>x<dd>y" * 50_000 + "</dl>",
    ),
    _slow(
        "page-bylines",
        "the reader of names, with 50,000 bylines",
        more='<p class="byline">By Petra Lindqvist</p>' * 50_000,
    ),
    _slow(
        "page-attributes",
        "the parser of attributes, with 200,000 at one element",
        before=f"<p {' '.join(f'a{n}=1' for n in range(200_000))}>",
    ),
    _slow(
        "page-figures",
        "the reader of captions, with 40,000 figures",
        more="<figure><img src=x><figcaption>A crane</figcaption></figure>" * 40_000,
    ),
    _slow(
        "page-formatting",
        "the repair of markup, with 5,000 unclosed elements that are opened again in each paragraph",
        more="<b><i><u>" * 5_000 + "<p>x" * 2_000,
    ),
    _slow(
        "page-jsonld-wrapping",
        "the pattern around JSON-LD, with 900 KB of spaces after a comment",
        head=_script("-->" + " " * 900_000 + "x"),
    ),
    _slow(
        "page-jsonld-articles",
        "the choice of JSON-LD, with 2,000 articles and a long canonical URL",
        head=f'<link rel="canonical" href="{HOSTILE}?{"a" * 20_000}">'
        + _script("[" + ",".join(_news(f'"url":"{HOSTILE}?{"a" * 200}{n}"') for n in range(2_000)) + "]"),
    ),
    _slow(
        "page-jsonld-huge",
        "memory, with 9 MB of JSON-LD",
        head=_script(_news('"keywords":[' + ",".join(['"crane"'] * 1_000_000) + "]")),
    ),
    _slow("page-jsonld-deep", "the stack, with objects 100,000 deep", head=_script('{"@graph":' * 100_000)),
    _whole(
        "page-jsonld-digits",
        "the parser of numbers, with a date of 400 digits",
        head=_script(_news('"datePublished":' + "9" * 400)),
    ),
    _whole(
        "page-jsonld-surrogate",
        "the writer of records, with half a character in every field",
        head=_script(_news(_HALVES)),
    ),
    _whole(
        "page-surrogate-reference",
        "the writer of records, with half a character as a reference",
        before="<p>It opens &#55357; at last, says the harbour.",
    ),
    _whole(
        "page-control",
        "the terminal, with escape sequences as references",
        before="<p>It opens &#27;]0;owned&#7; at last, says the harbour.",
    ),
    _slow(
        "page-title",
        "the reader of titles, with one of a megabyte",
        head=f"<title>{'The harbour opens. ' * 55_000}</title>",
    ),
    _whole(
        "page-canonical-stolen",
        "another outlet, with its article as the canonical URL",
        head='<link rel="canonical" href="http://good.example/2026/03/04/story-0">',
    ),
    _slow(
        "page-canonical-pattern",
        "the patterns of URLs, with runs of _a in the canonical URL",
        head=f'<link rel="canonical" href="{_PATTERN_PATH}">',
    ),
    _slow(
        "page-canonical-long",
        "the record, with a canonical URL of a megabyte",
        head=f'<link rel="canonical" href="/{"a" * 1_000_000}">',
    ),
    _slow(
        "page-rel-spaces",
        "the patterns of a pager, with 900 KB of spaces after rel=",
        more=f"<a href='{HOSTILE}?page=2'>2</a> rel={' ' * 900_000}x",
    ),
    _slow(
        "page-dates",
        "the parser of dates, with 20,000 in words",
        more="<p><time>Monday the 1st of March in the year 20265</time></p>" * 20_000,
    ),
    _slow(
        "page-everything",
        "the time for one page, with much of all this",
        before="<p hidden>x</p>" * 10_000,
        more="<p>x" * 50_000 + "<div>a</div>" * 50_000 + "<h2>x</h2>" * 20_000,
    ),
    with_page(
        "page-charset",
        "the decoder of characters, with a label that is no encoding of text",
        Served(article_page("page-charset", _NUMBER, head="<meta charset=hex>") + b"<p>caf\xe9 \xff\x80", "text/html"),
        collects=BOTH,
    ),
    with_page(
        "page-charset-header",
        "the same, with the label in a header",
        Served(article_page("page-charset-header", _NUMBER) + b"<p>caf\xe9 \xff\x80", "text/html; charset=bz2"),
        collects=BOTH,
    ),
    with_page(
        "page-utf-16",
        "the decoder of characters, with UTF-16",
        Served(article_page("page-utf-16", _NUMBER).decode().encode("utf-16"), "text/html; charset=utf-16"),
        collects=BOTH,
    ),
    with_page(
        "page-no-body",
        "the reader of pages, with an article that no body holds",
        Served(re.sub(rb"</?(?:html|head|body)[^>]*>", b"", article_page("page-no-body", _NUMBER))),
        collects=BOTH,
    ),
    with_page(
        "page-json",
        "the reader of pages, with an API's answer that says it is HTML",
        Served(b'{"data":[' * 500_000),
        loses=True,
    ),
    with_page(
        "page-refresh-loop",
        "the following of redirects, with a page that reloads itself",
        Served(start_page(head=f'<meta http-equiv="refresh" content="0; url={HOSTILE}">')),
        loses=True,
    ),
    with_page(
        "page-refresh-file",
        "the files of this machine, with a page that reloads into one",
        Served(start_page(head='<meta http-equiv="refresh" content="0; url=file:///etc/hostname">')),
        loses=True,
    ),
    with_page(
        "page-redirect-pattern",
        "the patterns of URLs, with runs of _a after a redirect",
        _redirect_to_pattern,
        may_lose=True,
    ),
    with_page("page-endless", "memory, with 25 pages of 9.5 MB", _endless_pages, may_lose=True),
    Outlet("page-tdmrep", "the time for one URL, with 10,000 patterns of what is reserved", _reserving),
)
