"""A value of the metadata, and its origin: the place on the page that gave it.

An origin reads `where:what`, as the rule of a block does: `json-ld:NewsArticle.headline`, `meta:og:title`,
`link:canonical`, `element:h1`, `byline:span.author`, `block:timestamp`, `url`, `feed:title`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from cleaners.document import Metadata

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from cleaners.html.json_ld import JsonNode

M = TypeVar("M", bound=Metadata)
T_co = TypeVar("T_co", covariant=True)


class Traced(NamedTuple, Generic[T_co]):
    """What a reader found. `origin` is empty where nothing was found, or where nobody asks for it."""

    value: T_co
    origin: str = ""


def with_origin(metadata: M, name: str, value: object, origin: str) -> M:
    """Return the metadata or the document with another value of one field, and the origin of that."""
    changed: dict[str, Any] = {name: value, "origins": {**metadata.origins, name: origin}}
    return replace(metadata, **changed)


def in_jsonld(node: JsonNode, key: str) -> str:
    """Return the origin of a property of structured data: `json-ld:NewsArticle.headline`."""
    kinds = node.get("@type")
    kind = kinds[0] if isinstance(kinds, list) and kinds else kinds
    return f"json-ld:{re.split('[/:#]', kind)[-1] if isinstance(kind, str) else 'Thing'}.{key}"


def name_element(element: HtmlElement) -> str:
    """Name an element for people: its tag with its id, or else its first class."""
    if mark := (element.get("id") or "").split(None, 1):
        return f"{element.tag}#{mark[0]}"
    names = (element.get("class") or "").split(None, 1)
    return f"{element.tag}.{names[0]}" if names else str(element.tag)
