"""Make pages that repeat or nest one thing as often as a size allows, to see how the cleaner's time grows with it."""

from __future__ import annotations

from functools import partial
from itertools import count, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ADDRESS = "https://www.example.org/2026/03/04/quay"

_SENTENCE = "The council agreed on Tuesday to repair the northern quay before the storms of the winter."
_LINK = "<a href=/2026/03/05/ferry>The ferry sails again after three weeks</a>"
_DATA = '{"@type":"NewsArticle","url":"https://www.example.org/%d","headline":"Quay number %d"}'

# Siblings in the article: what is repeated, with `%d` for a number that differs in each.
_SIBLINGS = {
    "p": "<p>x",
    "p-long": f"<p>%d {_SENTENCE}</p>",
    "p-alike": f"<p>{_SENTENCE}</p>",
    "p-empty": "<p></p>",
    "p-hidden": "<p hidden>x</p>",
    "p-aria-hidden": f"<p aria-hidden=true>%d {_SENTENCE}</p>",
    "p-in-hidden-div": "<div hidden><p>x</p></div>",
    "p-displayed-none": "<p style='display:none'>x</p>",
    "div": "<div>a</div>",
    "div-br": "a %d<br>",
    "div-inline-block": "<span style='display:inline-block'>a</span>",
    "span": "<span>a</span> ",
    "text-and-bold": "<b>a</b> b ",
    "text-and-em": "<p><em>Ida Berg</em></p>",
    "custom-element": "<x-line>a</x-line>",
    "section": f"<section><h2>Part %d</h2><p>{_SENTENCE}</p></section>",
    "h1": "<h1>A quay</h1>",
    "h1-numbered": "<h1>Quay %d</h1>",
    "h2": "<h2>A quay</h2>",
    "h3-link": f"<h3>{_LINK}</h3>",
    "li": "<li>a",
    "ul-of-one": "<ul><li>a</ul>",
    "ul-of-two": "<ul><li>a %d<li>b</ul>",
    "ul-of-links": f"<ul><li>{_LINK}</ul><p>a</p>",
    "dl": "<dl><dt>a<dd>b</dl>",
    "dt-dd": "<dt>a<dd>b",
    "table": "<table><tr><td>a<td>%d</table>",
    "tr": "<tr><td>a<td>b",
    "td": "<td>a",
    "figure": "<figure><img src=/a.jpg><figcaption>A quay</figcaption></figure>",
    "figure-text": "<figure><img src=/a.jpg></figure><p>a</p>",
    "img": "<img src=/a.jpg>",
    "picture": "<picture><img src=/a.jpg></picture>",
    "video": "<video src=/a.mp4>a</video>",
    "a": f"{_LINK} ",
    "a-author": "<a href=/author/ida>Ida Berg</a> ",
    "card": f"<div class=card>{_LINK}<p>A short line %d</p></div>",
    "related": f"<div class=related>{_LINK}</div>",
    "related-list": f"<ul class=related><li>{_LINK}</ul>",
    "aside": "<aside>a</aside>",
    "nav": "<nav><a href=/>a</a></nav>",
    "blockquote": "<blockquote>a</blockquote>",
    "pull-quote": f"<blockquote>%d {_SENTENCE}</blockquote><p>{_SENTENCE} %d</p>",
    "br": "<br>",
    "hr": "<hr>",
    "time": "<time datetime=2026-03-04>4 March 2026</time>",
    "byline": "<p class=byline>By Ida Berg</p>",
    "byline-plain": "<p>By Ida Berg</p>",
    "byline-mark": "<span itemprop=author>Ida Berg</span>",
    "dateline": "<p class=date>4 March 2026, 12:30</p>",
    "dateline-words": "<p class=date>4th of the month of March %d</p>",
    "newsletter": "<div class=newsletter>Subscribe to our newsletter</div>",
    "phrase": "<p>Subscribe to our newsletter</p>",
    "share": "<div class=share><a href=/s>Share</a></div>",
    "comment": f"<div class=comment><p>%d {_SENTENCE}</p></div>",
    "classes": "<p class='x%d'>a</p>",
    "ids": "<p id='x%d'>a</p>",
    "data-attribute": "<p data-testid='x%d'>a</p>",
    "standfirst": "<p class=standfirst>A short line that says what it is about</p>",
    "form": "<form><input><button>a</button></form>",
    "button": "<button>a</button>",
    "select": "<select><option>a</select>",
    "iframe": "<iframe src=/a></iframe>",
    "svg": "<svg><path d=m0 /></svg>",
    "template": "<template><p>a</p></template>",
    "noscript": "<noscript><p>a</p></noscript>",
    "comment-node": "<!--a-->",
    "script": "<script>a()</script>",
    "style": "<style>a{}</style>",
    "json-ld": '<script type="application/ld+json">{"@type":"Thing"}</script>',
    "json-ld-article": f'<script type="application/ld+json">{_DATA}</script>',
    "json-ld-broken": '<script type="application/ld+json">{a</script>',
    "meta": "<meta name=author content='Ida Berg'>",
    "meta-names": "<meta name='x%d' content=a>",
    "og-url": "<meta property=og:url content='https://www.example.org/%d'>",
    "og-title": "<meta property=og:title content='Quay number %d of the harbour'>",
    "link": "<link rel=canonical href='https://www.example.org/%d'>",
    "title": "<title>Quay</title>",
    "end-tag": "</p>",
    "end-tag-unknown": "</x>",
    "entity": "&amp;",
    "mixed": "<p>x<ul><li>a</ul><h2>b</h2><figure>c</figure><div class=related>d</div>",
}
# Nested: what opens a level and what closes it.
_NESTED = {
    "nested-div": ("<div>a", "</div>"),
    "nested-div-bare": ("<div>", "</div>"),
    "nested-hidden": ("<div hidden><p>x</p>", "</div>"),
    "nested-hint": ("<div class=paywall>a", "</div>"),
    "nested-byline": ("<div class=author>", "</div>"),
    "nested-date": ("<div class=date>", "</div>"),
    "nested-list": ("<ul><li>a", "</ul>"),
    "nested-list-links": (f"<ul><li>{_LINK}", "</ul>"),
    "nested-quote": (f"<blockquote><p>{_SENTENCE}</p>", "</blockquote>"),
    "nested-span": ("<span> ", "</span>"),
    "nested-table": ("<table><tr><td>a<td>b<tr><td>", "</table>"),
    "nested-section": (f"<section><h2>a</h2><p>{_SENTENCE}</p>", "</section>"),
    "nested-formatting": ("<b><p>a", "</b>"),
}
_DEPTH = 200  # libxml2 stops at 256


def shapes() -> dict[str, Callable[[int], bytes]]:
    """Return each shape's name and the function that makes its page of about so many bytes."""
    found: dict[str, Callable[[int], bytes]] = {}
    for name, piece in _SIBLINGS.items():
        found[name] = partial(_siblings, piece)
    for name, (start, end) in _NESTED.items():
        found[name] = partial(_siblings, start * _DEPTH + end * _DEPTH)
        found[f"{name}-open"] = partial(_siblings, start)
        for inner in ("<p>x", "<b> </b>"):
            found[f"{name}-around-{inner[1]}"] = partial(_nested, start, inner, end)
    return found | {
        "attributes": lambda size: _article(f"<p {_fill('a%d=b ', size)}>a</p>"),
        "attribute-sets": lambda size: _article(f"<p {_fill('a%d ', 4_000)}>a</p>" * _times("x" * 4_000, size)),
        "class-names": lambda size: _article(f"<p class='{_fill('x%d ', size)}'>a</p>"),
        "data-uri": lambda size: _article(f"<img src='data:{'a' * size}'>"),
        "canonical": lambda size: _page(_SENTENCE, f"<link rel=canonical href='https://www.example.org/{'a' * size}'>"),
        "word": lambda size: _article("a" * size),
        "words": lambda size: _article("a " * (size // 2)),
        "sentences": lambda size: _article(f"<p>{_fill(_SENTENCE + ' %d ', size)}</p>"),
        "body-json-ld": lambda size: _page(
            _fill("<p>The %d storms came</p>", size // 2), _script(_fill("The %d storms came.\\n", size // 2))
        ),
        "body-json-ld-other": lambda size: _page(
            _fill(f"<p>%d {_SENTENCE}</p>", size // 2),
            _script(_fill("A boat and %d more sailed to the island.\\n", size // 2)),
        ),
        "addresses": lambda size: _page(
            _SENTENCE,
            _fill("<link rel=canonical href='https://www.example.org/a%d'>", size // 2)
            + f'<script type="application/ld+json">[{_fill(_DATA + ",", size // 2)}{{}}]</script>',
        ),
        "titles": lambda size: _page(
            _SENTENCE,
            _fill("<meta property=og:title content='Boat %d of the harbour master'>", size // 2)
            + f'<script type="application/ld+json">[{_fill(_DATA + ",", size // 2)}{{}}]</script>',
        ),
        "authors": lambda size: _page(_SENTENCE, _script("a", _fill('"Ida Berg %d",', size), key="author")),
        "authors-joined": lambda size: _page(
            _SENTENCE,
            _script("a", _fill('"' + "".join(f"Ab{n}c Cd," for n in range(100)) + '%d",', size), key="author"),
        ),
        "dates": lambda size: _page(_SENTENCE, _fill("<meta name=date content='4th of the month of March %d'>", size)),
        "json-ld-dates": lambda size: _page(
            _SENTENCE,
            '<script type="application/ld+json">['
            + _fill('{"@type":"WebPage","datePublished":"4th of the month of March %d"},', size)
            + "{}]</script>",
        ),
        "keywords": lambda size: _page(_SENTENCE, _script("a", f'"{_fill("a%d,", size)}"', key="keywords")),
        "clutter-tails": lambda size: _article(_fill("<div class=share><a href=/s>Share</a></div> b %d ", size)),
        "aside-tails": lambda size: _article(_fill("<aside>a</aside> b %d ", size)),
        "hints-in-order": lambda size: _article(_fill("<div class=share><div class=related>a</div></div>", size)),
        "script-data": lambda size: _page(
            "", "<script>" + _fill('"content":"<p>a %d<p>' + "b" * 400 + '"', size) + "</script>"
        ),
        "no-article": lambda size: f"<html><body>{_fill('<p>x', size)}".encode(),
    }


def _siblings(piece: str, size: int) -> bytes:
    return _article(_fill(piece, size))


def _nested(start: str, inner: str, end: str, size: int) -> bytes:
    return _article(start * _DEPTH + _fill(inner, size) + end * _DEPTH)


def _times(piece: str, size: int) -> int:
    return max(1, size // len(piece))


def _fill(piece: str, size: int) -> str:
    """Return numbered copies of a piece, of about `size` characters together."""
    return "".join(islice(_numbered(piece), _times(piece, size)))


def _numbered(piece: str) -> Iterator[str]:
    numbers = piece.count("%d")
    return (piece % ((number,) * numbers) if numbers else piece for number in count())


def _article(content: str) -> bytes:
    """Return an article with some content among its paragraphs."""
    return _page(f"{_paragraphs('Before')}{content}{_paragraphs('After')}")


def _paragraphs(word: str) -> str:
    return "".join(f"<p>{word} part {number}: {_SENTENCE}</p>" for number in range(4))


def _script(body: str, more: str = '""', key: str = "author") -> str:
    data = f'{{"@type":"NewsArticle","headline":"The quay","articleBody":"{body}","{key}":[{more.rstrip(",")}]}}'
    return f'<script type="application/ld+json">{data}</script>'


def _page(content: str, head: str = "") -> bytes:
    return (
        f"<!doctype html><html lang=en><head><title>The quay</title>{head}</head>"
        f"<body><article><h1>The quay</h1>{content}</article></body></html>"
    ).encode()
