"""Outlets whose start page is the weapon."""

from __future__ import annotations

from tests.support.hostile.feeds import LONG_LABEL
from tests.support.hostile.outlet import HEALTHY, HTML, JSON, Outlet, Served, with_start
from tests.support.hostile.prose import start_page

_LINK = f'<h2><a href="{HEALTHY}">The ferry runs again after the long storm in the north</a></h2>'


def _page(body: str, head: str = "") -> Served:
    return Served(start_page(head=head, body=f"{body}<main>{_LINK}</main>"))


def _links(*targets: str) -> str:
    return "".join(f'<p><a href="{target}">Read about it</a></p>' for target in targets)


START_PAGES: tuple[Outlet, ...] = (
    with_start(
        "start-nested-lists",
        "the walk up from each link, with 100,000 of them under 200 lists",
        _page("<ul>" * 200 + "".join(f"<li><a href=/t/{n}>x</a>" for n in range(100_000)) + "</ul>" * 200),
        may_lose=True,
    ),
    with_start(
        "start-nested-links",
        "the text of each link, with 20,000 of them open at once",
        _page("".join(f"<a href=/t/{n}><table><tr><td>" for n in range(20_000))),
        may_lose=True,
    ),
    with_start(
        "start-url-patterns",
        "the patterns of URLs, with runs of _a that end in !",
        _page(
            _links(f"/a?r=rss{'_a' * 40}!", f"/privacy{'_a' * 40}!", f"/terms{'-a' * 40}!", f"/cookies{'_a' * 40}!x")
        ),
    ),
    with_start(
        "start-url-long", "all patterns of URLs, with 100,000 letters in one", _page(_links(f"/{'a' * 100_000}"))
    ),
    with_start(
        "start-host-label",
        "the encoder of host names, with a label of 64 letters and one of none",
        _page(_links(f"http://{LONG_LABEL}.example/a", "http://a..example/", "http://xn--0.example/", "http://[::1/")),
    ),
    with_start(
        "start-base",
        "the resolving of links, with a base that is no URL",
        _page("", '<base href="http://[">'),
        may_lose=True,
    ),
    with_start(
        "start-feed-links",
        "the number of requests, with 50,000 feeds that do not exist",
        _page("", "".join(f"<link rel=alternate type=application/rss+xml href=/f{n}>" for n in range(50_000))),
    ),
    with_start(
        "start-rel-spaces",
        "the patterns of attributes, with 900 KB of spaces after rel=",
        _page(f"<a rel={' ' * 900_000}x href=/x?page=2>2</a>"),
    ),
    with_start(
        "start-attributes",
        "the parser of attributes, with 200,000 at one element",
        _page(f"<div {' '.join(f'a{n}=1' for n in range(200_000))}>"),
        may_lose=True,
    ),
    with_start(
        "start-charset",
        "the decoder of characters, with a label that is no encoding of text",
        Served(
            start_page(head="<meta charset=hex>", body=f"<p>caf\xe9 and \x80</p>{_LINK}").decode().encode("latin-1"),
            "text/html",
        ),
        may_lose=True,
    ),
    with_start(
        "start-json",
        "the parser of pages, with an API's list that says it is HTML",
        Served(b"[" * 5_000_000, HTML),
        collects=(),
        loses=True,
    ),
    with_start(
        "start-html",
        "the parser of sources, with an HTML page that says it is JSON",
        Served(_page("").body, JSON),
        may_lose=True,
    ),
    with_start(
        "start-refresh-loop",
        "the following of redirects, with a page that reloads itself",
        Served(start_page(head='<meta http-equiv="refresh" content="0; url=/">')),
        collects=(),
        loses=True,
    ),
    with_start(
        "start-redirect-loop",
        "the following of redirects, with a loop",
        Served(b"", HTML, 302, {"Location": "/"}),
        collects=(),
        loses=True,
    ),
    with_start(
        "start-redirect-query",
        "the patterns of URLs, after a redirect",
        Served(b"", HTML, 302, {"Location": f"/privacy{'_a' * 40}!?r=rss{'_a' * 40}!"}),
        collects=(),
        loses=True,
    ),
)
