"""Define an element as rules and features see it: its markup, its parent, and how much it holds.

Rules climb from segments to their ancestors thousands of times a page. Here a climb is an attribute access; on lxml's
tree each step creates an object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from cleaners.html.element_hints import ElementHint


class Node:
    """Hold one element of the page's body, or one above it. Nodes are compared by identity.

    `class_names` is its class attribute, `depth` its distance from the root. `segment_count` counts the segments in it;
    `has_picture` says whether an image or a video stands in it.
    """

    __slots__ = (
        "class_names",
        "depth",
        "element",
        "element_id",
        "has_picture",
        "hint",
        "parent",
        "segment_count",
        "tag",
    )

    def __init__(
        self,
        element: HtmlElement,
        tag: str,
        class_names: str,
        element_id: str,
        parent: Node | None,
        hint: ElementHint | None,
    ) -> None:
        self.element = element
        self.tag = tag
        self.class_names = class_names
        self.element_id = element_id
        self.parent = parent
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.segment_count = 0
        self.has_picture = False
        self.hint = hint

    def climb(self) -> Iterator[Node]:
        """Yield the node and its ancestors, from the inside out."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent
