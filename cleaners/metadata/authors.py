"""Read who wrote an article: from structured data, else the head, else the byline on the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING

from cleaners.html.json_ld import StructuredData, types_of, values_of
from cleaners.metadata.author_names import names_in
from cleaners.metadata.bylines import marked_bylines, plain_bylines
from cleaners.metadata.origins import Traced, in_jsonld
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from cleaners.metadata.head import Head
    from cleaners.metadata.publisher import Publisher

_MOST_AUTHORS = 25  # a large newsroom's live blog has about as many

_META = (
    "author", "article:author", "og:article:author", "article:author:name", "article.author", "parsely-author",
    "sailthru.author", "dc.creator", "dcterms.creator", "dcsext.author", "byl", "byline", "cxenseparse:author",
    "mrf:authors", "authors", "article_author", "articleauthor", "lp.article:author", "creator", "dc.contributor",
    "citation_author", "rbauthors", "cse_author", "news_author", "vr:author",
)  # fmt: skip
_ORGANIZATIONS = frozenset({"organization", "newsmediaorganization", "corporation", "newsorganization"})
_AUTHOR_TYPES = _ORGANIZATIONS | {"person", "thing", "author"}


def read_authors(
    tree: HtmlElement, head: Head, jsonld: StructuredData, publisher: Publisher
) -> Traced[tuple[str, ...]]:
    """Return the names of the people or agencies that wrote the article, and their origin.

    The publisher's own name counts only if the page names no other author anywhere.
    """
    fallback: Traced[list[str]] = Traced([])
    for group in chain(_from_data(jsonld), _from_head(head), marked_bylines(tree), plain_bylines(tree)):
        people = [name for name in group.value if not publisher.is_name(name)]
        if people:
            return Traced(_unique(people), group.origin)
        fallback = fallback if fallback.value else group
    return Traced(_unique(fallback.value), fallback.origin)


def _from_data(jsonld: StructuredData) -> Iterator[Traced[list[str]]]:
    for key in ("author", "creator"):
        for node in jsonld.articles:
            authors = [jsonld.resolve(value) for value in values_of(node.get(key))]
            if names := [name for author in authors for name in _names_of(author)]:
                yield Traced(names, in_jsonld(node, key))


def _names_of(value: object) -> list[str]:
    """Return the names in a string, a Person or an Organization; other types, such as an image, have none."""
    if isinstance(value, str):
        return names_in(value)
    if not isinstance(value, Mapping):
        return []
    types = {kind.casefold() for kind in types_of(value)}
    if not types <= _AUTHOR_TYPES:
        return []
    whole = bool(types & _ORGANIZATIONS) and "person" not in types
    texts = [text for text in values_of(value.get("name")) if isinstance(text, str)]
    names = [name for text in texts for name in names_in(text, whole=whole)]
    if not names and isinstance(value.get("givenName"), str) and isinstance(value.get("familyName"), str):
        return names_in(f"{value['givenName']} {value['familyName']}")
    return names


def _from_head(head: Head) -> Iterator[Traced[list[str]]]:
    for tag in _META:
        values = [value for value in head.all(tag) if not value.lower().startswith(("http", "www.", "/"))]
        if names := [name for value in values for name in names_in(value)]:
            yield Traced(names, f"meta:{tag}")


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    unique: dict[str, str] = {}
    for name in names:
        unique.setdefault(letters_only(name), name)
    return tuple(unique.values())[:_MOST_AUTHORS]
