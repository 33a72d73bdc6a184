"""Stream the entries of sitemaps: a 50 MB file with 50,000 entries never becomes a tree in memory.

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

from cleaners.text.sanitize import sanitize
from crawler.discovery.base import MAX_CHILDREN
from crawler.discovery.feed_dates import parse_stamp
from crawler.discovery.feeds import parse_feed
from crawler.discovery.urls import UrlTooLongError, clean_beginning, clean_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# The protocol allows 50 MB unpacked. Some sitemaps exceed it; more than twice that is a decompression bomb.
MAX_BYTES = 100 * 2**20
_LONGEST_LINE = 8192  # bytes, of a text sitemap
_GZIP = b"\x1f\x8b"
_ENTRY_NAMES = ("url", "sitemap")
# What stays in the tree until its entry ends: the values of an entry, and what may hold them.
_WITHIN_ENTRIES = ("loc", "lastmod", "news", "publication", "publication_date", "title", "name", "language")
_ROOT = re.compile(rb"<(?:[\w.-]+:)?(urlset|sitemapindex|rss|feed|rdf|html|!doctype\s+html)\b", re.I)
_PERIOD = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-_/.]?(0[1-9]|1[0-2])(?:[-_/.]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)")
# What common CMS plugins call their sitemaps of other things than articles.
_NO_ARTICLES = re.compile(
    r"(?:^|[^a-z])(?:authors?|users?|tags?|post_tag|categor(?:y|ies)|taxonom(?:y|ies)|topics?|sections?|images?|videos?|"
    r"galler(?:y|ies)|podcasts?|products?|static|people|games?|recipes?|coupons?|events?|attachments?|pages?[-_.]?sitemap)(?![a-z])",
    re.I,
)
_NEWS = re.compile(r"news|latest|recent|today|48h|aktuell", re.I)


class SitemapError(ValueError):
    """Report that a sitemap cannot be read, or not to its end. The message is one line that names the URL."""


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """Hold a `<url>` of a sitemap or, with `is_index`, a `<sitemap>` of an index.

    `published` is the news extension's date, `lastmod` the protocol's; both have a time zone. `problem` names a date that
    could not be parsed. `overlong` is that of Candidate.
    """

    url: str
    is_index: bool = False
    lastmod: datetime | None = None
    published: datetime | None = None
    title: str | None = None
    language: str | None = None
    problem: str = ""
    overlong: bool = False


class _LimitedStream(io.RawIOBase):
    """Read from `source`, and raise SitemapError beyond `MAX_BYTES`."""

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
    """Return a stream that unpacks `body`; up to twice, because some servers gzip a .gz file again."""
    stream: io.BufferedReader[Any] = io.BufferedReader(_LimitedStream(io.BytesIO(body), url), 64 * 1024)
    for _ in range(2):
        if stream.peek(2)[:2] == _GZIP:
            stream = io.BufferedReader(_LimitedStream(gzip.GzipFile(fileobj=stream), url), 64 * 1024)
    return stream


def iter_sitemap(body: bytes, url: str) -> Iterator[SitemapEntry]:
    """Yield the entries of a sitemap, an index, a text sitemap, or a feed used as one, in its order; gzip is detected.

    Raises SitemapError if it cannot be read: at once, or after the entries that precede the damage.
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
        yield SitemapEntry(found.url, published=found.published, title=found.title, overlong=found.overlong)


def _from_text(stream: io.BufferedReader[Any], url: str) -> Iterator[SitemapEntry]:
    found = False
    for line in iter(lambda: stream.readline(_LONGEST_LINE), b""):
        text = line.decode("utf-8-sig", "replace").strip()
        if text.lower().startswith(("http://", "https://")):
            try:
                link, overlong = _link(text)
            except ValueError:
                continue
            entry = SitemapEntry(link, overlong=overlong)
            found = True
            yield entry
    if not found:
        raise SitemapError(f"neither XML nor a list of URLs: {url}")


def _skip_junk(stream: io.BufferedReader[Any]) -> None:
    """Move to the first `<`: blank lines and warnings before the prolog are common, and fatal to an XML parser."""
    head = stream.peek(1)
    if head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        stream.read(max(head.find(b"<"), 0))


def _from_xml(stream: io.BufferedReader[Any], url: str) -> Iterator[SitemapEntry]:
    _skip_junk(stream)
    # Entities stay unresolved and libxml2's own limits stay on, which defuses entity bombs.
    context = etree.iterparse(
        stream, events=("end",), recover=True, resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    count, held = 0, None
    try:
        for _event, element in context:
            name = _local_name(element)
            if name not in _ENTRY_NAMES:
                if name not in _WITHIN_ENTRIES:
                    _forget(element)
                continue
            entry = _entry(element, url)
            _forget(element)
            if held is not None:
                count += 1
                yield held
            held = entry
    except etree.XMLSyntaxError as error:
        raise SitemapError(f"sitemap is malformed after {count} entries ({str(error)[:100]}): {url}") from None
    fatal = [line.message.strip() for line in context.error_log if line.level_name == "FATAL"]
    # If the file breaks off, the parser closes the last entry itself, and its URL may be cut.
    if held is not None and not any("Premature end" in message for message in fatal):
        count += 1
        yield held
    if fatal:
        raise SitemapError(f"sitemap is malformed ({fatal[0][:100]}); {count} entries read: {url}")


def _local_name(element: etree._Element) -> str:
    """Return an element's name without its namespace, which may be anything."""
    return str(element.tag).rpartition("}")[2]


def _forget(element: etree._Element) -> None:
    """Free an element that has been read, and those before it: no element of any name piles up."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _entry(element: etree._Element, url: str) -> SitemapEntry | None:
    values: dict[str, str] = {}
    for child in element.iter("{*}loc", "{*}lastmod", "{*}publication_date", "{*}title", "{*}language"):
        name = _local_name(child)
        # `loc` and `lastmod` must be direct children; image:loc and video:title are deeper, in other namespaces.
        depth_fits = child.getparent() is element if name in ("loc", "lastmod") else "news" in (child.tag or "")
        if depth_fits and child.text and child.text.strip():
            values.setdefault(name, sanitize(" ".join(child.text.split())))
    location = values.get("loc", "")
    if not location:
        return None
    try:
        link, overlong = _link(location if location.startswith("http") else urljoin(url, location))
    except ValueError:
        return None
    lastmod, published = parse_stamp(values.get("lastmod")), parse_stamp(values.get("publication_date"))
    dates = (("lastmod", lastmod), ("publication_date", published))
    bad = [values[key] for key, date in dates if key in values and not date]
    problem = f"unreadable date {bad[0][:40]!r} of {link}: {url}" if bad else ""
    is_index = _local_name(element) == "sitemap"
    return SitemapEntry(
        link, is_index, lastmod, published, values.get("title"), values.get("language"), problem, overlong
    )


def _link(location: str) -> tuple[str, bool]:
    """Return the URL to fetch, or the beginning of one that is too long, and whether it is that. Raises ValueError."""
    try:
        return clean_url(location), False
    except UrlTooLongError:
        return clean_beginning(location), True


def lists_other_than_articles(url: str) -> bool:
    """Tell whether the sitemap's name says that it lists authors, tags, images or the like."""
    return _NO_ARTICLES.search(_name(url)) is not None


def is_news_sitemap(url: str) -> bool:
    """Tell whether the sitemap's name says that it lists news."""
    return _NEWS.search(_name(url)) is not None and not lists_other_than_articles(url)


def _name(url: str) -> str:
    return urlsplit(url).path.rsplit("/", 1)[-1] or url


def _newest_possible(entry: SitemapEntry) -> datetime | None:
    """Return the latest date that an article in this child sitemap can have, by name and lastmod; None if unknown."""
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
    """Return the children of an index that are worth fetching: newest first, none older than `since`.

    A child whose name has a day, month or year (`posts-2019-04.xml`) is judged by it even if it was modified later. Of
    the children of unknown age, news sitemaps come first and the others last. Sitemaps of authors, tags, images and the
    like are left out.
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
    dated.sort(key=lambda child: child[:2], reverse=True)
    news = [entry for is_news, entry in undated if is_news]
    others = [entry for is_news, entry in undated if not is_news]
    return [*news, *(entry for _, _, entry in dated), *others][:at_most]
