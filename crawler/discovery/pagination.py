"""Find the next page of an article that runs over several pages, and never the next article."""

from __future__ import annotations

import re
from html import unescape
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from crawler.discovery.links import MAX_ANCHORS, base_url, parse_page
from crawler.discovery.urls import comparison_key, resolve

if TYPE_CHECKING:
    from lxml import html

# A longer "article" is a thread or a slide show: its first pages are enough.
MAX_PAGES = 20

_PAGE_NAME = r"(?:page|seite|pagina|pag|side|sida|p|pg|teil|part)"
_PAGE_PARAMETER = re.compile(r"(?:page|seite|pagina|pag|p|pg|pn|part|teil|pageno|page_?num(?:ber)?)", re.I)
_TAIL = re.compile(rf"(?:/{_PAGE_NAME}[-/_]?(\d{{1,2}})|/(\d{{1,2}})|[-_,;](?:{_PAGE_NAME}[-_]?)?(\d{{1,2}}))", re.I)
_SUFFIX = re.compile(r"\.(?:[sdx]?html?|php|aspx?|cms)$", re.I)
_PAGER = re.compile(
    r"pagination|pager|page-?(?:nav|links|numbers|numeration)|pages|seiten|multipage|article-?nav|nav-links|post-page",
    re.I,
)
_PAGER_MARKUP = re.compile(rb"rel\s*+=\s*+[\"']?[\w\s]*\bnext\b|" + _PAGER.pattern.encode())
_HREF = re.compile(rb"href\s*+=\s*+[\"']?\s*+([^\"'\s>]{1,2083}+)")
_COMMENTS = re.compile(r"comment|kommentar|disqus|forum", re.I)
_NEXT_TEXT = re.compile(
    r"(?:next|next page|continue|continued|weiter|nächste seite|nächste|seite (\d+)|page (\d+)|part (\d+)|(\d{1,2})|"
    r"suivant|page suivante|siguiente|successiva|次へ|次のページ(?:へ)?)[\s>»›→]*",
    re.I,
)


def page_number(url: str, first: str) -> int | None:
    """Return the number of the page at `url` of the article at `first`: 1 for `first` itself, None for other pages.

    Known forms: `?page=2`, `/2`, `/page/2`, `/seite-2`, `-2.html`, `,2.html`, `-p2`.
    """
    key, first_key = comparison_key(url), comparison_key(first)
    if key == first_key:
        return 1
    own, other = urlsplit(first_key), urlsplit(key)
    if own.path == other.path:
        return _number_in_query(other.query, own.query)
    if own.query != other.query:
        return None
    stem, suffix = _split_suffix(own.path)
    other_stem, other_suffix = _split_suffix(other.path)
    if suffix != other_suffix and other_suffix:
        return None
    for start in dict.fromkeys((stem, own.path)):
        tail = other_stem[len(start) :] if other_stem.startswith(start) else ""
        match = _TAIL.fullmatch(tail)
        if match:
            return int(next(filter(None, match.groups())))
    return None


def _split_suffix(path: str) -> tuple[str, str]:
    match = _SUFFIX.search(path)
    return (path[: match.start()], match[0]) if match else (path, "")


def _number_in_query(query: str, first_query: str) -> int | None:
    pairs, first_pairs = parse_qsl(query), parse_qsl(first_query)
    pages = [value for name, value in pairs if _PAGE_PARAMETER.fullmatch(name) and value.isdigit()]
    rest = [(name, value) for name, value in pairs if not _PAGE_PARAMETER.fullmatch(name)]
    same = urlencode(rest) == urlencode([pair for pair in first_pairs if not _PAGE_PARAMETER.fullmatch(pair[0])])
    return int(pages[0]) if len(pages) == 1 and same and len(pages[0]) <= 2 else None


def find_next_page(body: bytes, content_type: str | None, url: str, first: str, number: int) -> str | None:
    """Return the URL of page `number + 1` of the article at `first`, if the page at `url`, with this body, links to it."""
    if not may_continue(body, url, first, number):
        return None
    tree = parse_page(body, content_type)
    return None if tree is None else next_page(tree, url, first, number)


def may_continue(body: bytes, url: str, first: str, number: int) -> bool:
    """Tell from the bytes of the page at `url` whether `next_page` may find something, so that few pages are parsed.

    Some link must lead to page `number + 1` of the article at `first`, and there must be the markup of a pager.
    """
    lowered = body.lower()
    hrefs = b"\n".join(_HREF.findall(lowered))
    # A pattern that begins with the number is several times as fast as one that begins with what may precede it.
    ending = re.compile(rb"%d(?:(?<!\d%d)|(?<=\D0%d))(?:\.\w{2,5}|/)?(?=[?#&;]|$)" % ((number + 1,) * 3), re.M)
    lines = {_line_around(hrefs, match.start()) for match in ending.finditer(hrefs)}
    name = _split_suffix(urlsplit(comparison_key(first.lower())).path)[0].rpartition("/")[2]
    found = {unescape(line.decode("utf-8", "replace")) for line in lines}
    if name.isascii() and "%" not in name:  # only such a name is spelled the same everywhere
        found = {href for href in found if name in href or not href.startswith(("http", "/"))}
    if found and b"<base" not in lowered:  # else links are relative to another URL
        targets = (resolve(url.lower(), href) for href in found)
        found = {target for target in targets if target and page_number(target, first.lower()) == number + 1}
    return bool(found) and _PAGER_MARKUP.search(lowered) is not None


def _line_around(text: bytes, at: int) -> bytes:
    end = text.find(b"\n", at)
    return text[text.rfind(b"\n", 0, at) + 1 : end if end >= 0 else len(text)]


def next_page(tree: html.HtmlElement, url: str, first: str, number: int) -> str | None:
    """Return the URL of page `number + 1` of the article that starts at `first`, as linked from the page at `url`.

    A rel=next link counts, and so does a numbered link in a pager, but only if its URL is on the same host and has the
    form of this article's next page.
    """
    if number >= MAX_PAGES:
        return None
    base, host = base_url(tree, url), urlsplit(url).netloc
    for element in islice(tree.iter("link", "a"), MAX_ANCHORS):
        is_rel_next = "next" in (element.get("rel") or "").lower().split()
        if not is_rel_next and not (element.tag == "a" and _in_pager(element, number + 1)):
            continue
        target = resolve(base, element.get("href") or "")  # last, since it is the slowest test
        if target and urlsplit(target).netloc == host and page_number(target, first) == number + 1:
            return target
    return None


def _in_pager(anchor: html.HtmlElement, wanted: int) -> bool:
    """Tell whether the link says "2" or "next page" and is in a pager, not among comments."""
    text = " ".join(anchor.text_content().split()).strip("[]()|· ") or anchor.get("aria-label") or ""
    match = _NEXT_TEXT.fullmatch(text)
    if not match or (any(match.groups()) and int(next(filter(None, match.groups()))) != wanted):
        return False
    names = " ".join(
        " ".join(element.get(name) or "" for name in ("class", "id", "aria-label"))
        for element in [anchor, *(parent for _, parent in zip(range(5), anchor.iterancestors(), strict=False))]
        if element.tag not in ("body", "html")
    )
    return _PAGER.search(names) is not None and not _COMMENTS.search(names)
