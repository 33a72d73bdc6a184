"""Read when an article was published and modified: structured data, head, time elements, visible dates, URL."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import TYPE_CHECKING, cast

from lxml import etree

from cleaners.html.json_ld import JsonNode, StructuredData, types_of
from cleaners.metadata.head import Head, short_text
from cleaners.metadata.origins import Traced, in_jsonld, name_element
from cleaners.text.dates import dates_in_url, format_date, parse_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from lxml.html import HtmlElement

    from cleaners.page import SiteRules

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "article:published", "og:published_time", "datepublished",
    "date_published", "publish_date", "publish-date", "publishdate", "published_time", "published-date",
    "publication_date", "pubdate", "pub_date", "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date",
    "dcterms.date", "datecreated", "article:created", "article_date_original", "originalpublicationdate", "displaydate",
    "iso-8601-publish-date", "article.published", "citation_publication_date", "rnews:datepublished",
    "mrf:published_time", "timestamp", "ptime", "date", "og:pubdate", "created",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:article:modified_time", "article:modified", "og:updated_time", "og:modified_time",
    "datemodified", "date_modified", "lastmod", "last-modified", "last_modified", "lastmodified", "modified_time",
    "dc.date.modified", "dcterms.modified", "article.updated", "article:updated", "revision_date", "utime",
)  # fmt: skip
_PAGES = frozenset({"WebPage", "ItemPage", "NewsArticlePage"})
_DATE_CLASSES = ("date", "Date", "time", "Time", "ubli", "atum", "fecha", "meta", "yline")
_DATE_ELEMENTS = etree.XPath(
    # One expression, as libxml2 compares all elements of one set with all of the other to unite two.
    f"//*[@class and ({' or '.join(f'contains(@class, {name!r})' for name in _DATE_CLASSES)})"
    " or contains(@id, 'date') or contains(@itemprop, 'date')]"
)
_CHANGED = re.compile(
    r"modif|updat|aktualis|actualiz|mis à jour|mise à jour|更新|aggiorn|bijgewerkt|обновл|zaktualiz", re.IGNORECASE
)
_ASIDE = frozenset({"aside", "nav", "footer", "template", "noscript"})
_ELSEWHERE = re.compile(
    r"related|recommend|teaser|sidebar|comment|footer|most-?read|popular|trending|more-|latest|ticker", re.IGNORECASE
)
_MOST_WORDY = 5  # visible texts of a page to parse as dates in words, at 1 ms each
_MOST_VALUES = 40  # values of one place to parse so


class _DateReader:
    """Parse the dates of one page, given its language, its site's time zone and the latest possible time."""

    def __init__(self, timezone: str | None, language: str | None, latest: datetime | None) -> None:
        self.timezone, self.language, self.latest = timezone, language, latest

    def first(self, values: Iterable[Traced[object]], *, words: bool = True) -> Traced[str] | None:
        """Return the first value that is a date, as RFC 3339 or a plain date, with its origin."""
        for number, (value, origin) in enumerate(values):
            if isinstance(value, str | int | float):
                wordy = words and number < _MOST_VALUES
                date = parse_date(
                    value, timezone=self.timezone, language=self.language, latest=self.latest, words=wordy
                )
                if date:
                    return Traced(date, origin)
        return None


def read_dates(
    tree: HtmlElement,
    head: Head,
    jsonld: StructuredData,
    url: str | None,
    *,
    rules: SiteRules | None = None,
    headers: Mapping[str, str] | None = None,
    fetched_at: datetime | None = None,
) -> tuple[Traced[str | None], Traced[str | None]]:
    """Return the dates of publication and of the last change, each RFC 3339, a plain date or None.

    A page that gives only the last change gives it for both. No date may lie after `fetched_at`, or else after the
    `date` header.
    """
    language = head.language or (rules.language if rules else None)
    reader = _DateReader(rules.timezone if rules else None, language, fetched_at or _sent_at(headers or {}))
    nodes = [*jsonld.articles, *(node for node in jsonld.nodes if types_of(node) & _PAGES)]
    published = reader.first(_properties(nodes, "datePublished"))
    published = published or reader.first(head.traced(*_PUBLISHED))
    published = published or reader.first(_properties(jsonld.articles, "dateCreated", "uploadDate", "datePosted"))
    published = published or _on_page(tree, reader) or _in_url(url, reader)
    modified = reader.first(_properties(nodes, "dateModified")) or reader.first(head.traced(*_MODIFIED))
    nothing: Traced[str | None] = Traced(None)
    return published or modified or nothing, modified or nothing


def _properties(nodes: Iterable[JsonNode], *keys: str) -> Iterator[Traced[object]]:
    return (Traced(node[key], in_jsonld(node, key)) for node in nodes for key in keys if key in node)


def _on_page(tree: HtmlElement, reader: _DateReader) -> Traced[str] | None:
    """Read the first date of `time` elements, else of short texts whose class or id says date.

    Dates of a change ("Updated ...") are used only if there is no other.
    """
    changed: list[Traced[object]] = []
    plain: list[Traced[object]] = []
    for element in islice(tree.iter("time"), 60):
        if _is_elsewhere(element):
            continue
        parent = element.getparent()
        hints = [element.get("class"), element.get("itemprop"), None if parent is None else parent.get("class")]
        text = short_text(element, 200)
        dates = changed if any(_CHANGED.search(hint or "") for hint in (*hints, text)) else plain
        dates += [
            Traced(value, f"element:{name_element(element)}") for value in (element.get("datetime"), text) if value
        ]
    date = reader.first(plain)
    if date:
        return date
    tried = 0
    for element in cast("list[HtmlElement]", _DATE_ELEMENTS(tree))[:400]:
        text = short_text(element)
        machine_date = element.get("content") or element.get("datetime")
        is_short = 6 <= len(text) <= 120 and any(char.isdigit() for char in text)
        if not (machine_date or is_short) or _is_elsewhere(element):
            continue
        origin = f"element:{name_element(element)}"
        values: list[Traced[object]] = [Traced(value, origin) for value in (machine_date, text) if value]
        if _CHANGED.search(text):
            changed += values
            continue
        tried += 1
        date = reader.first(values, words=tried <= _MOST_WORDY)
        if date:
            return date
    return reader.first(changed[:10])


def _in_url(url: str | None, reader: _DateReader) -> Traced[str] | None:
    days = (format_date(day, latest=reader.latest) for day in dates_in_url(url))
    return next((Traced(text, "url") for text in days if text), None)


def _is_elsewhere(element: HtmlElement) -> bool:
    return any(
        parent.tag in _ASIDE or _ELSEWHERE.search(parent.get("class") or "") for parent in element.iterancestors()
    )


def _sent_at(headers: Mapping[str, str]) -> datetime | None:
    """Return the server's time when it sent the page, from the `date` header."""
    try:
        return parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError, OverflowError, TypeError):
        return None
