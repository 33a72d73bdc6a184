"""Who wrote it: structured data first, then the head, then the byline on the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from lxml import etree
from lxml.html import HtmlElement

from cleaners.jsonld import StructuredData, types_of, values_of
from cleaners.metadata.head import Head
from cleaners.metadata.names import is_agency, names_in
from cleaners.metadata.outlet import Outlet, fold

MOST = 25  # authors of one article; a live blog of a big desk has about as many

_META = (
    "author", "article:author", "og:article:author", "article:author:name", "article.author", "parsely-author", "sailthru.author", "dc.creator",
    "dcterms.creator", "dcsext.author", "byl", "byline", "cxenseparse:author", "mrf:authors", "authors", "article_author", "articleauthor",
    "lp.article:author", "creator", "dc.contributor", "citation_author", "rbauthors", "cse_author", "news_author", "vr:author",
)  # fmt: skip
_ORGANIZATIONS = frozenset({"Organization", "NewsMediaOrganization", "Corporation", "NewsOrganization"})
_BYLINES = etree.XPath(
    """//*[@rel='author' or contains(@itemprop, 'author') or @data-testid='author' or @data-author
      or contains(@class, 'author') or contains(@class, 'Author') or contains(@class, 'byline') or contains(@class, 'Byline')
      or contains(@class, 'autor') or contains(@class, 'Autor') or contains(@class, 'auteur') or contains(@class, 'firma')
      or contains(@class, 'writer') or contains(@class, 'journalist') or contains(@href, '/author/') or contains(@href, '/autor/')
      or contains(@href, '/autoren/') or contains(@href, '/authors/')]"""
)
_NOT_BYLINE = re.compile(
    r"related|recommend|comment|teaser|sidebar|widget|footer|promo|more-|popular|trending|newsletter|card|caption|authority|authoriz|"
    r"bio\b|about|description|avatar|image|photo|share|social|follow|date|time|job|role|posts?-list|archive|authors-list|firmado",
    re.IGNORECASE,
)
_ASIDE = frozenset(
    {"aside", "nav", "footer", "template", "noscript", "script", "style", "figure", "figcaption", "form", "svg"}
)


def read_authors(tree: HtmlElement, head: Head, jsonld: StructuredData, outlet: Outlet) -> tuple[str, ...]:
    """The names of the people or agencies that wrote the article.

    The outlet's own name counts only where the page names it as the author and nobody else anywhere.
    """
    house: list[str] = []
    for said in (_from_data(jsonld), _from_head(head), _from_page(tree)):
        for group in said:
            people = [name for name in group if not outlet.is_name(name)]
            if people:
                return tuple(_unique(people))[:MOST]
            house = house or group
    return tuple(_unique(house))[:1]


def _from_data(jsonld: StructuredData) -> Iterator[list[str]]:
    for key in ("author", "creator"):
        for node in jsonld.articles:
            names: list[str] = []
            for value in values_of(node.get(key)):
                names += _names_of(jsonld.resolve(value))
            if names:
                yield names


def _names_of(value: object) -> list[str]:
    if isinstance(value, str):
        return names_in(value)
    if isinstance(value, list):
        return [name for item in value[:MOST] for name in _names_of(item) if not isinstance(item, list)]
    if not isinstance(value, Mapping):
        return []
    if not types_of(value) <= {
        "Person",
        "Organization",
        "NewsMediaOrganization",
        "Corporation",
        "NewsOrganization",
        "Thing",
        "Author",
    }:
        return []
    names = [
        name
        for text in values_of(value.get("name"))
        if isinstance(text, str)
        for name in names_in(text, whole=bool(types_of(value) & _ORGANIZATIONS) and "Person" not in types_of(value))
    ]
    if not names and isinstance(value.get("givenName"), str) and isinstance(value.get("familyName"), str):
        names = names_in(f"{value['givenName']} {value['familyName']}")
    return names


def _from_head(head: Head) -> Iterator[list[str]]:
    for name in _META:
        names = [
            found
            for value in head.all(name)
            if not value.lower().startswith(("http", "www.", "/"))
            for found in names_in(value)
        ]
        if names:
            yield names


def _from_page(tree: HtmlElement) -> Iterator[list[str]]:
    """Bylines by their mark-up: the strong marks first, then class names, in page order."""
    marked: list[tuple[int, int, list[str]]] = []
    for order, element in enumerate(_BYLINES(tree)[:200]):
        if (
            not isinstance(element.tag, str)
            or element.tag in _ASIDE
            or element.tag in ("body", "html", "article", "main", "meta", "link")
        ):
            continue
        marks = f"{element.get('class') or ''} {element.get('id') or ''}"
        strong = element.get("rel") == "author" or element.get("itemprop") == "author"
        if not strong and _NOT_BYLINE.search(marks):
            continue
        if any(parent.tag in _ASIDE or _NOT_BYLINE.search(parent.get("class") or "") for parent in _near(element)):
            continue
        names = _byline(element)
        if names:
            marked.append((0 if strong else 1, order, names))
    marked.sort(key=lambda item: item[:2])
    for rank, order, names in marked[:1]:
        together = list(names)
        for other_rank, other_order, others in marked[1:]:
            if other_rank == rank and other_order - order <= 6:  # several authors, each marked, side by side
                together += others
        yield together


def _near(element: HtmlElement) -> Iterator[HtmlElement]:
    for count, parent in enumerate(element.iterancestors()):
        if count == 8:
            return
        yield parent


def _byline(element: HtmlElement) -> list[str]:
    """Names in one marked element; an element with more than a byline's text is none."""
    name = element.find(".//*[@itemprop='name']")
    text = "\n".join((name if name is not None else element).itertext())[:600]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or sum(map(len, lines)) > 160:
        return []
    from cleaners.metadata.names import names_only

    joined = " ".join(lines)
    names = list(names_only(joined))
    if names:
        return names
    for line in lines[:4]:
        names += [found for found in names_only(line) if len(found.split()) > 1 or is_agency(found)]
    return names


def _unique(names: Iterable[str]) -> list[str]:
    seen: dict[str, str] = {}
    for name in names:
        seen.setdefault(fold(name), name)
    return list(seen.values())
