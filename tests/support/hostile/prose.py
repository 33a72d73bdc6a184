"""Write what outlets publish: article pages of which no two are alike, feeds, sitemaps and start pages."""

from __future__ import annotations

import random
from html import escape

_SENTENCES = (
    "In {place}, {firm} has ordered {n} of the machines that {person} calls the plainest {thing} anyone could build.",
    "The council of {place} voted for the plan by a margin of {n}, although two members asked what a {thing} is for.",
    "{person}, who ran the {thing} department of {firm} for {n} years, said that the decision had been coming.",
    "A {thing} from {firm} costs about {n} thousand crowns, and {place} has set aside money for half of that.",
    "Rivals of {firm} point out that the harbour of {place} has a {thing} that stands idle on {n} days of the year.",
    "For {person} the matter is simple: whoever wants a {thing} in {place} must also want the road that leads to it.",
    "Records in {place} show that {firm} filed {n} requests for the {thing} before anyone answered one of them.",
    "Whether {firm} stays in {place} will depend on the price of steel, and on how the first {thing} holds up.",
)
_WORDS = {
    "place": ("Skerrow", "Halden", "Orrin", "Vestmar", "Lindby", "Tarnsey", "Ulverock", "Menstad"),
    "firm": ("Tidewire", "Korsa Freight", "Ambersky", "Nordlake", "Pelham Works", "Sixtus Lines", "Ravenhall"),
    "person": ("Petra Lindqvist", "Anselm Korr", "Ruth Adeyemi", "Joris Falk", "Mina Tessler", "Odo Brand"),
    "thing": ("crane", "ledger", "turbine", "ferry", "pump", "scale", "loader"),
}


def paragraphs(outlet: str, number: int, count: int = 8) -> list[str]:
    """Return the text of one article: the same for the same outlet and number, and like no other."""
    dice = random.Random(f"{outlet} {number}")

    def sentence() -> str:
        words = {slot: dice.choice(choices) for slot, choices in _WORDS.items()}
        return dice.choice(_SENTENCES).format(n=dice.randint(2, 9999), **words)

    return [f"{sentence()} {sentence()}" for _ in range(count)]


def article_page(outlet: str, number: int, *, head: str = "", more: str = "", before: str = "") -> bytes:
    """Return an article page, with more in its head, before its text, or after it."""
    title = f"{outlet.replace('-', ' ').capitalize()} hears what the harbour decided in case {number + 41}"
    text = "".join(f"<p>{escape(one)}</p>" for one in paragraphs(outlet, number))
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>'
        f"{before}{text}{more}</article></body></html>"
    ).encode("utf-8", "surrogatepass")


def start_page(feed: str = "", kind: str = "application/rss+xml", *, head: str = "", body: str = "") -> bytes:
    """Return a start page that names a feed, or none."""
    link = f'<link rel="alternate" type="{kind}" href="{feed}">' if feed else ""
    return (
        f'<!doctype html><html lang="en"><head><title>The Courier</title>{link}{head}</head><body>{body}</body></html>'
    ).encode()


def item(url: str, title: str = "The ferry runs again after the long storm", more: str = "") -> str:
    """Return an entry of an RSS feed."""
    return f"<item><title>{title}</title><link>{url}</link>{more}</item>"


def channel(*items: str, before: str = "") -> bytes:
    """Return an RSS feed of entries."""
    return f"{before}<rss version='2.0'><channel><title>The Courier</title>{''.join(items)}</channel></rss>".encode()


def rss(*urls: str) -> bytes:
    """Return an RSS feed of URLs, each with a title of its own."""
    return channel(*(item(url, f"What the harbour decided, part {number + 1}") for number, url in enumerate(urls)))


def urlset(*rows: str) -> bytes:
    """Return a sitemap of rows; see `loc`."""
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{''.join(rows)}</urlset>".encode()


def loc(url: str, more: str = "", attributes: str = "") -> str:
    """Return a row of a sitemap."""
    return f"<url{attributes}><loc>{url}</loc>{more}</url>"
