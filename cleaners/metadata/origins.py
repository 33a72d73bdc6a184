"""Define the origin of a metadata value: the place on the page that gave it.

An origin is written `place:name`, like the rule of a block: `json-ld:NewsArticle.headline`, `meta:og:title`,
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
    """Hold a value and its origin; `origin` is empty if nothing was found or the origin is not needed."""

    value: T_co
    origin: str = ""


def with_origin(metadata: M, name: str, value: object, origin: str) -> M:
    """Return a copy of the metadata or document with a new value for one field, and that value's origin."""
    changed: dict[str, Any] = {name: value, "origins": {**metadata.origins, name: origin}}
    return replace(metadata, **changed)


def in_jsonld(node: JsonNode, key: str) -> str:
    """Return the origin of a property of structured data: `json-ld:NewsArticle.headline`."""
    kinds = node.get("@type")
    kind = kinds[0] if isinstance(kinds, list) and kinds else kinds
    return f"json-ld:{re.split('[/:#]', kind)[-1] if isinstance(kind, str) else 'Thing'}.{key}"


def name_element(element: HtmlElement) -> str:
    """Name an element for a human reader: its tag and its id, or else its first class."""
    if element_id := (element.get("id") or "").split(None, 1):
        return f"{element.tag}#{element_id[0]}"
    classes = (element.get("class") or "").split(None, 1)
    return f"{element.tag}.{classes[0]}" if classes else str(element.tag)
