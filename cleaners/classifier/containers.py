"""Which element holds an article's text, by what its markup says: named for a body of text, or an `article` or `main`.

Per segment and for each of the two: the share of the page's prose that stands in the innermost such element around it, how far out
that is, and whether one around it holds most of the prose.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from ..node import Node
from .model import Array

NAMES = ("body_share", "body_steps", "body_most", "article_share", "article_steps", "article_most")

_BODY = re.compile(
    r"(?:article|story|post|entry|news|page|main|single|content|detail)[-_]*(?:body|text|content|copy|main|inner|detail)s?\b|"
    r"articlebody|\b(?:rich-?text|prose|body-?copy|body-?text|entry|wysiwyg|formatted|paragraphs?)\b",
    re.I,
)
_TAGS = ("article", "main")
_MOST = 0.5  # share of the page's prose
_Test = Callable[[Node], bool]


def containers(families: Sequence[Node], prose: Array) -> dict[str, Array]:
    """The columns NAMES, each of shape (segments,); `prose` is the weight of each segment that may be the article's, else 0."""
    return dict(
        zip(NAMES, (*_of_kind(families, prose, _is_body), *_of_kind(families, prose, _is_article)), strict=True)
    )


def _is_body(node: Node) -> bool:
    get = node.element.get
    return _names_body(f"{node.names} {get('id', '')} {get('itemprop', '')}")


@lru_cache(maxsize=8192)
def _names_body(names: str) -> bool:
    return _BODY.search(names) is not None


def _is_article(node: Node) -> bool:
    return node.tag in _TAGS


def _of_kind(families: Sequence[Node], prose: Array, test: _Test) -> Array:
    """Share, steps and most, as rows; -1 for the first two where no such element is around."""
    nearest: dict[Node, Node | None] = {}
    held: Counter[Node] = Counter()
    for family, mass in zip(families, prose.tolist(), strict=True):
        _find(family, nearest, test)
        if mass:
            for around in _around(family, nearest):
                held[around] += mass
    total = max(1.0, float(prose.sum()))
    said: dict[Node, tuple[float, float, float]] = {}
    for family in families:
        if family not in said:
            found = list(_around(family, nearest))
            most = any(held[around] >= _MOST * total for around in found)
            said[family] = (held[found[0]] / total, family.depth - found[0].depth, most) if found else (-1, -1, 0)
    return np.array([said[family] for family in families], np.float32).T


def _find(node: Node, nearest: dict[Node, Node | None], test: _Test) -> None:
    """Note the innermost element that passes the test, for the node and all around it."""
    path = []
    for around in node.climb():
        if around in nearest:
            break
        path.append(around)
    for passed in reversed(path):
        outer = nearest[passed.parent] if passed.parent is not None else None
        nearest[passed] = passed if test(passed) else outer


def _around(node: Node, nearest: dict[Node, Node | None]) -> Iterator[Node]:
    """The elements around a node that pass the test, inside out."""
    found = nearest[node]
    while found is not None:
        yield found
        found = nearest[found.parent] if found.parent is not None else None
