"""Sitemaps → entries, streamed: a 50 MB file with 50,000 entries never stands in memory as a tree.

https://www.sitemaps.org/protocol.html; news extension: Google's sitemap-news 0.9.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from crawler.discovery.feed_dates import parse_stamp
from crawler.discovery.feeds import parse_feed
from crawler.discovery.urls import clean_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# The protocol allows 50 MB unpacked; twice that is a sitemap that bends the rules, more is a bomb.
MAX_BYTES = 100 * 2**20
# An index of an outlet's whole history has thousands of children; a crawl for news reads the newest.
MAX_CHILDREN = 50
_GZIP = b"\x1f\x8b"
_ROOT = re.compile(rb"<(?:[\w.-]+:)?(urlset|sitemapindex|rss|feed|rdf|html|!doctype\s+html)\b", re.I)
_PERIOD = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-_/.]?(0[1-9]|1[0-2])(?:[-_/.]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)")
# What the usual CMS plugins call their lists of things that are no articles.
_NO_ARTICLES = re.compile(
    r"(?:^|[^a-z])(?:authors?|users?|tags?|post_tag|categor(?:y|ies)|taxonom(?:y|ies)|topics?|sections?|images?|videos?|"
    r"galler(?:y|ies)|podcasts?|products?|static|people|games?|recipes?|coupons?|events?|attachments?|pages?[-_.]?sitemap)(?![a-z])",
    re.I,
)
_NEWS = re.compile(r"news|latest|recent|today|48h|aktuell", re.I)


class SitemapError(ValueError):
    """The sitemap cannot be read (further). The message is one line that names its URL."""


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """A `<url>`, or with `is_index` a `<sitemap>`, of a sitemap.

    `published` is the news extension's date, `lastmod` the protocol's; both with a time zone. `problem` names a date
    that could not be read.
    """

    url: str
    is_index: bool = False
    lastmod: datetime | None = None
    published: datetime | None = None
    title: str | None = None
    language: str | None = None
    problem: str = ""


class _Bounded(io.RawIOBase):
    """Reads `source` and refuses to go beyond `MAX_BYTES`."""

    def __init__(self, source: Any, url: str):
        self._source, self._url, self._read = source, url, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._source.read(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            raise SitemapError(f"sitemap's gzip is damaged ({error}): {self._url}") from None
        self._read += len(data)
        if self._read > MAX_BYTES:
            raise SitemapError(f"sitemap unpacks to more than {MAX_BYTES >> 20} MB: {self._url}")
        buffer[: len(data)] = data
        return len(data)


def _open(body: bytes, url: str) -> io.BufferedReader[Any]:
    """`body` unpacked as it is read; twice, because servers gzip what is a .gz already."""
    stream: io.BufferedReader[Any] = io.BufferedReader(_Bounded(io.BytesIO(body), url), 64 * 1024)
    for _ in range(2):
        if stream.peek(2)[:2] == _GZIP:
            stream = io.BufferedReader(_Bounded(gzip.GzipFile(fileobj=stream), url), 64 * 1024)
    return stream


def iter_sitemap(body: bytes, url: str) -> Iterator[SitemapEntry]:
    """The entries of a sitemap, index, text sitemap or feed used as one, in its order; gzip is seen by its first bytes.

    Raises SitemapError where it cannot be read: at once, or after the entries before the damage.
    """
    stream = _open(body, url)
    head = stream.peek(1)[:16384].replace(b"\0", b"")
    if not head.strip():
        raise SitemapError(f"sitemap is empty: {url}")
    root = _ROOT.search(head)
    name = root[1].lower() if root else b""
    if name.endswith(b"html"):
        raise SitemapError(f"sitemap is an HTML page: {url}")
    if name in (b"rss", b"feed", b"rdf"):
        yield from _from_feed(stream.read(), url)
    elif not root and b"<" not in head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]:
        yield from _from_text(stream, url)
    else:
        yield from _from_xml(stream, url)


def _from_feed(body: bytes, url: str) -> Iterator[SitemapEntry]:
    for found in parse_feed(body, url).candidates:
        yield SitemapEntry(found.url, published=found.published, title=found.title)


def _from_text(stream: io.BufferedReader[Any], url: str) -> Iterator[SitemapEntry]:
    found = False
    for line in stream:
        text = line.decode("utf-8-sig", "replace").strip()
        if text.lower().startswith(("http://", "https://")):
            try:
                entry = SitemapEntry(clean_url(text))
            except ValueError:
                continue
            found = True
            yield entry
    if not found:
        raise SitemapError(f"neither XML nor a list of URLs: {url}")


def _skip_junk(stream: io.BufferedReader[Any]) -> None:
    """Moves to the first `<`: blank lines and warnings before the prolog are common, and fatal to an XML parser."""
    head = stream.peek(1)
    if head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        stream.read(max(head.find(b"<"), 0))


def _from_xml(stream: io.BufferedReader[Any], url: str) -> Iterator[SitemapEntry]:
    _skip_junk(stream)
    tags = ("{*}url", "{*}sitemap")
    # Entities stay unresolved and libxml2's own limits stay on: an entity bomb comes to nothing.
    context = etree.iterparse(
        stream, events=("end",), tag=tags, recover=True, resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    count, held = 0, None
    try:
        for _event, element in context:
            entry = _entry(element, url)
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
            if held is not None:
                count += 1
                yield held
            held = entry
    except etree.XMLSyntaxError as error:
        raise SitemapError(f"sitemap is malformed after {count} entries ({str(error)[:100]}): {url}") from None
    fatal = [line.message.strip() for line in context.error_log if line.level_name == "FATAL"]
    # Where the file breaks off, the parser closes the last entry itself, and its URL may be half a URL.
    if held is not None and not any("Premature end" in message for message in fatal):
        count += 1
        yield held
    if fatal:
        raise SitemapError(f"sitemap is malformed ({fatal[0][:100]}); {count} entries read: {url}")


def _entry(element: etree._Element, url: str) -> SitemapEntry | None:
    values: dict[str, str] = {}
    for child in element.iter("{*}loc", "{*}lastmod", "{*}publication_date", "{*}title", "{*}language"):
        name = etree.QName(child).localname
        # `loc` and `lastmod` are the entry's own; image:loc and video:title stand deeper, under other names.
        depth_fits = child.getparent() is element if name in ("loc", "lastmod") else "news" in (child.tag or "")
        if depth_fits and child.text and child.text.strip():
            values.setdefault(name, " ".join(child.text.split()))
    try:
        link = clean_url(urljoin(url, values.get("loc", "")))
    except ValueError:
        return None
    if "loc" not in values:
        return None
    lastmod, published = parse_stamp(values.get("lastmod")), parse_stamp(values.get("publication_date"))
    bad = [
        values[key]
        for key, stamp in (("lastmod", lastmod), ("publication_date", published))
        if key in values and not stamp
    ]
    problem = f"unreadable date {bad[0][:40]!r} of {link}: {url}" if bad else ""
    is_index = etree.QName(element).localname == "sitemap"
    return SitemapEntry(link, is_index, lastmod, published, values.get("title"), values.get("language"), problem)


def lists_other_than_articles(url: str) -> bool:
    """Is the sitemap one of authors, tags, images, ..., by its name?"""
    return _NO_ARTICLES.search(_name(url)) is not None


def is_news_sitemap(url: str) -> bool:
    """Is the sitemap one of news, by its name?"""
    return _NEWS.search(_name(url)) is not None and not lists_other_than_articles(url)


def _name(url: str) -> str:
    return urlsplit(url).path.rsplit("/", 1)[-1] or url


def _newest_possible(entry: SitemapEntry) -> datetime | None:
    """The latest moment an article in this child may be from, as name and lastmod tell; None for unknown."""
    period = _PERIOD.search(urlsplit(entry.url).path + "?" + urlsplit(entry.url).query)
    if not period:
        return entry.lastmod
    year, month, day = int(period[1]), int(period[2] or 12), int(period[3] or 0)
    try:
        if day:
            end = datetime(year, month, day, tzinfo=UTC) + timedelta(days=1)
        else:
            end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    except ValueError:
        return entry.lastmod
    return min(end, entry.lastmod) if entry.lastmod else end


def choose_child_sitemaps(
    entries: Iterable[SitemapEntry], since: datetime | None, *, at_most: int = MAX_CHILDREN
) -> list[SitemapEntry]:
    """The children of an index that are worth fetching: newest first, none older than `since`, at most `at_most`.

    A child whose name carries a day, month or year (`posts-2019-04.xml`) is judged by that even when it was touched
    later. Of unknown age, news sitemaps come first and the rest last; lists of authors, tags, images are left out.
    """
    dated: list[tuple[datetime, bool, SitemapEntry]] = []
    undated: list[tuple[bool, SitemapEntry]] = []
    for entry in entries:
        if not entry.is_index or lists_other_than_articles(entry.url):
            continue
        is_news = is_news_sitemap(entry.url)
        newest = _newest_possible(entry)
        if newest is None:
            undated.append((is_news, entry))
        elif since is None or newest >= since:
            dated.append((newest, is_news, entry))
    dated.sort(key=lambda row: (row[0], row[1]), reverse=True)
    fresh = [entry for is_news, entry in undated if is_news]
    return [*fresh, *(entry for _, _, entry in dated), *(entry for is_news, entry in undated if not is_news)][:at_most]
