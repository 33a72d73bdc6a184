"""Build lxml trees from the source of pages and fragments, in a time that grows with their length only."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lxml import etree, html

if TYPE_CHECKING:
    from collections.abc import Mapping

# lxml.html calls a Python function for the class of every element; one class for all takes a fifth of the time.
_LOOKUP = etree.ElementDefaultClassLookup(element=html.HtmlElement, comment=html.HtmlComment)
# libxml2 walks over an element's earlier attributes to add one, 5 ns a step: 1,000 take 5 ms, and 1 MB of such elements
# 2 s, but 100,000 in one element 50 s. Recorded pages have at most 73.
_MOST_ATTRIBUTES = 1_000
_SHORTEST_CROWDED = 3 * _MOST_ATTRIBUTES  # bytes of a tag with so many names that all differ

_MERGED = (b"<html", b"<body")  # a second one gives its attributes to the first, and libxml2 does not report it


class CrowdedElementError(ValueError):
    """Report an element with more attributes than any page has."""


def build_tree(source: bytes) -> html.HtmlElement:
    """Return the root of the tree of some HTML in UTF-8, without comments and instructions.

    Raises `etree.ParserError` for a source without any element, and `CrowdedElementError` for an element with more than
    1,000 attributes.
    """
    if tags := _crowded_tags(source):
        count = _AttributeCount()
        for text in (source, *(tag + b">" for tag in tags if tag[:5].lower() in _MERGED)):
            etree.fromstring(text, html.HTMLParser(encoding="utf-8", target=cast("etree.ParserTarget", count)))
        if count.most > _MOST_ATTRIBUTES:
            raise CrowdedElementError(
                f"an element has {count.most} attributes, {_MOST_ATTRIBUTES} are the most that are read"
            )
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False, collect_ids=False
    )
    parser.set_element_class_lookup(_LOOKUP)
    return html.document_fromstring(source, parser=parser)


def _crowded_tags(source: bytes) -> list[bytes]:
    """Return what looks like a start tag and holds so many words; it may be text in a script."""
    return [
        tag
        for part in source.split(b">")
        if len(part) > _SHORTEST_CROWDED
        and len(tag := part[part.rfind(b"<") :]) > _SHORTEST_CROWDED
        and len(set(tag.split())) > _MOST_ATTRIBUTES
    ]


class _AttributeCount:
    """Count the attributes of the element that has most, while libxml2 reads the page without building a tree."""

    def __init__(self) -> None:
        self.most = 0

    def start(self, _tag: str, attributes: Mapping[str, str]) -> None:
        self.most = max(self.most, len(attributes))

    def close(self) -> None:
        """Return nothing: lxml asks for the method."""
