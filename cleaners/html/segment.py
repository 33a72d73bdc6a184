"""Split a page's tree into segments: its texts in page order, each with its type, its element and the element's hints.

One walk over the tree. A segment ends where a block-level element starts or ends, and at every `<br>`. Only what a
browser does not show as text (scripts, styles, form controls) is left out; separating article from clutter comes later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from cleaners.document import BlockType
from cleaners.html.element_hints import ElementHint, read_hint
from cleaners.html.node import Node
from cleaners.text.measures import is_prose, weight
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from lxml.html import HtmlElement

BLOCK_TAGS = frozenset(
    "address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul "
    "audio video picture".split()
)
SILENT_TAGS = frozenset(
    "script style noscript template svg math textarea select option datalist iframe object embed head title meta link canvas map".split()
)
LINK = 0.8  # least link density of a text that is a link, and not a sentence with one in it
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_PHRASING = frozenset(("p", "span", "a", "b", "i", "em", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "font"))
_TYPES = {
    "li": BlockType.LIST_ITEM,
    "blockquote": BlockType.QUOTE,
    "figcaption": BlockType.CAPTION,
    "figure": BlockType.CAPTION,
    "caption": BlockType.CAPTION,
} | dict.fromkeys(HEADINGS, BlockType.HEADING)
# Void elements that do not separate texts; libxml2 knows no others.
_VOID = frozenset(("img", "input"))
_PICTURES = frozenset(("img", "picture", "video", "amp-img"))
_MAX_CELL = 200  # characters; a longer cell is prose in a layout table, not data
_SPACES = " \t\r\n\f\xa0"


# What an element does to the text in it. `_ROW` is a `<tr>`: a segment if it holds data, else a block.
_SILENT, _HOLDS_NOTHING, _ROW, _BLOCK, _LINK, _BOLD, _BREAK, _INLINE = range(8)
_ROLES = (
    {"a": _LINK, "b": _BOLD, "strong": _BOLD, "br": _BREAK}
    | dict.fromkeys(BLOCK_TAGS, _BLOCK)
    | dict.fromkeys(SILENT_TAGS, _SILENT)
    | dict.fromkeys(_VOID, _HOLDS_NOTHING)
    | {"tr": _ROW}
)


class Segment(NamedTuple):
    """Hold one text of the page.

    `node` is the block-level element around it. `weight` is its weighted length, `key` the text reduced to its letters
    and digits. `link_density` is the share of characters inside links, 0..1; `bold_chars` counts the bold ones. `tight`
    means that only a line break separates it from the segment before. `prose` means that it surely is running text.
    """

    text: str
    type: BlockType
    node: Node
    weight: int
    key: str
    link_density: float = 0.0
    bold_chars: int = 0
    hint: ElementHint | None = None
    tight: bool = False
    prose: bool = False


def segment(tree: HtmlElement) -> list[Segment]:
    """Return all segments of the page's body, in page order."""
    body = tree.find("body")
    return _Walk(tree).run(body) if body is not None else []


class _Walk:
    """Hold the state of one walk: the current text, and the elements around it."""

    def __init__(self, tree: HtmlElement) -> None:
        self.found: list[Segment] = []
        self.parts: list[str] = []
        self.link_chars = self.bold_chars = 0
        self.links = self.bolds = 0
        self.breaks = 2  # line breaks since the last text; a block boundary counts as two
        self.node = Node(tree, "html", "", "", None, None)
        self.roles: list[int] = []  # of the open elements
        self.owners: list[Node] = []
        self.types: list[BlockType] = [BlockType.PARAGRAPH]
        self.text_hints: list[ElementHint | None] = []  # one for each part that is not only space

    def run(self, body: HtmlElement) -> list[Segment]:
        skipped = None
        parts, text_hints = self.parts, self.text_hints
        walk = etree.iterwalk(body, events=("start", "end"))
        for event, element in walk:
            if event == "start":
                tag = element.tag
                role = _ROLES.get(tag)
                if role is None:
                    role = self.other_role(tag)
                elif role is _ROW:
                    role = _SILENT if self.add_row(element) else _BLOCK
                if role is _SILENT:
                    walk.skip_subtree()
                    skipped = element
                    continue
                if role is _HOLDS_NOTHING:
                    if tag in _PICTURES:
                        _mark_picture(self.node)
                    skipped = element
                    continue
                if role is _BREAK:  # holds nothing either
                    self.end_line()
                    skipped = element
                    continue
                self.enter(element, tag, role)
                text = element.text
            else:
                if element is skipped:
                    skipped = None
                else:
                    self.leave()
                text = element.tail
            if not text:
                continue
            if visible := text.strip(_SPACES):
                parts.append(text)
                text_hints.append(self.node.hint)
                if self.links:
                    self.link_chars += len(visible)
                if self.bolds:
                    self.bold_chars += len(visible)
            elif parts:
                parts.append(" ")
        return self.found

    def other_role(self, tag: object) -> int:
        """Return the role of any other tag: comments are silent, custom elements are blocks except in running text."""
        if not isinstance(tag, str):
            return _SILENT
        return _BLOCK if "-" in tag and self.node.tag not in _PHRASING else _INLINE

    def enter(self, element: HtmlElement, tag: str, role: int) -> None:
        if role is _BLOCK:
            self.end_block()
            node = self.node = self.child_node(element, tag)
            self.owners.append(node)
            self.types.append(_TYPES.get(tag) or self.types[-1])
            if tag in _PICTURES:
                _mark_picture(node)
        else:
            if role is _LINK:
                self.links += 1
            elif role is _BOLD:
                self.bolds += 1
            self.node = self.child_node(element, tag)
        self.roles.append(role)

    def leave(self) -> None:
        node, role = self.node, self.roles.pop()
        if role is _BLOCK:
            self.end_block()
            self.owners.pop()
            self.types.pop()
        elif role is _LINK:
            self.links -= 1
        elif role is _BOLD:
            self.bolds -= 1
        if (outer := node.parent) is not None:
            outer.segment_count += node.segment_count
            self.node = outer

    def child_node(self, element: HtmlElement, tag: str) -> Node:
        class_names, element_id = element.get("class") or "", element.get("id") or ""
        hint = read_hint(element, tag, class_names, element_id, self.node.hint)
        return Node(element, tag, class_names, element_id, self.node, hint)

    def add_row(self, element: HtmlElement) -> bool:
        """Add a row of data as one segment, and tell whether the element was one."""
        text = _data_row(element)
        if text is None:
            return False
        self.end_block()
        node = self.child_node(element, "tr")
        if next(element.iter(*_PICTURES), None) is not None:
            _mark_picture(node)
        if text:
            node.segment_count = 1
            self.node.segment_count += 1
            self.found.append(
                Segment(text, BlockType.TABLE_ROW, node, weight(text), letters_only(text), hint=node.hint)
            )
        return True

    def end_line(self) -> None:
        """End a line; inside a heading, a line break is a space."""
        if self.types[-1] is BlockType.HEADING:
            self.parts.append(" ")
        else:
            if self.parts:
                self.add_segment()
            self.breaks += 1

    def end_block(self) -> None:
        """End a block."""
        if self.parts:
            self.add_segment()
        self.breaks = 2

    def add_segment(self) -> None:
        """Add the current segment, if it has any text."""
        if text := " ".join("".join(self.parts).split()):
            first = self.text_hints[0]
            whole = len(self.text_hints) == 1 or all(other is first for other in self.text_hints)
            hint = first if whole else self.node.hint
            owner, kind, size = self.owners[-1], self.types[-1], weight(text)
            links = min(1.0, self.link_chars / len(text))
            prose, tight = is_prose(text, kind, links, size), self.breaks == 1
            owner.segment_count += 1
            self.found.append(
                Segment(text, kind, owner, size, letters_only(text), links, self.bold_chars, hint, tight, prose)
            )
        self.parts.clear()
        self.text_hints.clear()
        self.link_chars = self.bold_chars = self.breaks = 0


def _mark_picture(node: Node) -> None:
    """Mark the node and its ancestors as holding a picture."""
    for around in node.climb():
        if around.has_picture:
            break
        around.has_picture = True


def _data_row(row: HtmlElement) -> str | None:
    """Return the cells of a row of data, joined by bars; None if the row is page layout."""
    cells = [cell for cell in row if cell.tag in ("td", "th")]
    if len(cells) < 2:
        return None
    texts = []
    for cell in cells:
        if next(cell.iter("table", "div", "h1", "h2", "h3", "script", "form"), None) is not None:
            return None
        text = " ".join("".join(cell.itertext()).split())
        if len(text) > _MAX_CELL:
            return None
        texts.append(text)
    return " | ".join(text for text in texts if text)
