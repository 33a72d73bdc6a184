"""DOM → segments: the page's texts in page order, each with its type, its place and what the markup around it says.

One walk over the tree. A segment ends where a block-level element starts or ends, and at every `<br>`. Nothing is left out but what
a browser does not show as text (scripts, styles, form controls); telling article from clutter is for the steps.
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
LINK = 0.8  # link density from which on a text is a link, and no sentence with one in it
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_PHRASING = frozenset(("p", "span", "a", "b", "i", "em", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "font"))
_TYPES = {
    "li": BlockType.LIST_ITEM,
    "blockquote": BlockType.QUOTE,
    "figcaption": BlockType.CAPTION,
    "figure": BlockType.CAPTION,
    "caption": BlockType.CAPTION,
} | dict.fromkeys(HEADINGS, BlockType.HEADING)
_VOID = frozenset(
    ("img", "input")
)  # of those that hold nothing the two that a parser of HTML 4 knows, and that part no text
_PICTURES = frozenset(("img", "picture", "video", "amp-img"))
_CELL_LENGTH = 200  # characters; a longer cell is prose in a layout table, not data
_SPACES = " \t\r\n\f\xa0"


# What an element does to the text in it.
_SILENT, _HOLDS_NOTHING, _ROW, _BLOCK, _LINK, _BOLD, _BREAK, _INLINE = range(8)
_ROLES = (
    {"a": _LINK, "b": _BOLD, "strong": _BOLD, "br": _BREAK}
    | dict.fromkeys(BLOCK_TAGS, _BLOCK)
    | dict.fromkeys(SILENT_TAGS, _SILENT)
    | dict.fromkeys(_VOID, _HOLDS_NOTHING)
    | {"tr": _ROW}
)


class Segment(NamedTuple):
    """One text of the page. `node` is the block-level element that holds it, `weight` its weighted length, `key` its folded
    form, `link_density` the share of its characters inside links, 0..1, `bold_chars` those in bold type. `tight`: a line break,
    not a block boundary, parts it from the segment before. `prose`: it is running text beyond doubt.
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
    """All segments of the page's body, in page order."""
    body = tree.find("body")
    return _Walk(tree).run(body) if body is not None else []


class _Walk:
    """The state of one walk: the text under way, and what encloses it."""

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
        self.text_hints: list[ElementHint | None] = []  # of each part that is more than space

    def run(self, body: HtmlElement) -> list[Segment]:
        skipped = None
        parts, text_hints = self.parts, self.text_hints
        walk = etree.iterwalk(body, events=("start", "end"))
        for event, element in walk:
            if event == "start":
                tag = element.tag
                role = _ROLES.get(tag)
                if role is None:
                    role = self.unknown(tag)
                elif role is _ROW:
                    role = _SILENT if self.row(element) else _BLOCK
                if role is _SILENT:
                    walk.skip_subtree()
                    skipped = element
                    continue
                if role is _HOLDS_NOTHING:
                    if tag in _PICTURES:
                        _show(self.node)
                    skipped = element
                    continue
                if role is _BREAK:  # holds nothing either
                    self.line()
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

    def unknown(self, tag: object) -> int:
        """The role of an element without one of its own: a custom element is a block but in running text, a comment is silent."""
        if not isinstance(tag, str):
            return _SILENT
        return _BLOCK if "-" in tag and self.node.tag not in _PHRASING else _INLINE

    def enter(self, element: HtmlElement, tag: str, role: int) -> None:
        if role is _BLOCK:
            self.end()
            node = self.node = self.below(element, tag)
            self.owners.append(node)
            self.types.append(_TYPES.get(tag) or self.types[-1])
            if tag in _PICTURES:
                _show(node)
        else:
            if role is _LINK:
                self.links += 1
            elif role is _BOLD:
                self.bolds += 1
            self.node = self.below(element, tag)
        self.roles.append(role)

    def leave(self) -> None:
        node, role = self.node, self.roles.pop()
        if role is _BLOCK:
            self.end()
            self.owners.pop()
            self.types.pop()
        elif role is _LINK:
            self.links -= 1
        elif role is _BOLD:
            self.bolds -= 1
        if (outer := node.parent) is not None:
            outer.segment_count += node.segment_count
            self.node = outer

    def below(self, element: HtmlElement, tag: str) -> Node:
        names, mark = element.get("class") or "", element.get("id") or ""
        hint = read_hint(element, tag, names, mark, self.node.hint)
        return Node(element, tag, names, mark, self.node, hint)

    def row(self, element: HtmlElement) -> bool:
        """Whether the element is a row of data, which is a segment as a whole."""
        text = _data_row(element)
        if text is None:
            return False
        self.end()
        node = self.below(element, "tr")
        if next(element.iter(*_PICTURES), None) is not None:
            _show(node)
        if text:
            node.segment_count = 1
            self.node.segment_count += 1
            self.found.append(
                Segment(text, BlockType.TABLE_ROW, node, weight(text), letters_only(text), hint=node.hint)
            )
        return True

    def line(self) -> None:
        """End a line; a heading stays one."""
        if self.types[-1] is BlockType.HEADING:
            self.parts.append(" ")
        else:
            if self.parts:
                self.flush()
            self.breaks += 1

    def end(self) -> None:
        """End a block."""
        if self.parts:
            self.flush()
        self.breaks = 2

    def flush(self) -> None:
        """Add the segment under way, if it holds any text."""
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


def _show(node: Node) -> None:
    """Mark the node and all around it as holding a picture."""
    for around in node.climb():
        if around.has_picture:
            break
        around.has_picture = True


def _data_row(row: HtmlElement) -> str | None:
    """The cells of a row of data, joined; None where the row lays out a page."""
    cells = [cell for cell in row if cell.tag in ("td", "th")]
    if len(cells) < 2:
        return None
    texts = []
    for cell in cells:
        if next(cell.iter("table", "div", "h1", "h2", "h3", "script", "form"), None) is not None:
            return None
        text = " ".join("".join(cell.itertext()).split())
        if len(text) > _CELL_LENGTH:
            return None
        texts.append(text)
    return " | ".join(text for text in texts if text)
