"""An element as the steps see it: what its markup says, what holds it, and what stands in it.

Steps climb from a segment to what encloses it thousands of times a page; on these nodes a climb is an attribute, where on a parser's
tree each step makes an object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from cleaners.html.element_hints import ElementHint


class Node:
    """One element of the page's body, or above it. `names` is its class attribute, `mark` its id, `depth` its distance from the
    root, `held` the number of segments in it, `pictured` whether an image or a video stands in it. Nodes are the same only where
    they are one.
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
        self, element: HtmlElement, tag: str, names: str, mark: str, parent: Node | None, hint: ElementHint | None
    ) -> None:
        self.element = element
        self.tag = tag
        self.class_names = names
        self.element_id = mark
        self.parent = parent
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.segment_count = 0
        self.has_picture = False
        self.hint = hint

    def climb(self) -> Iterator[Node]:
        """The node and those that hold it, inside out."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent
