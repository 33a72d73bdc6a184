"""DOM → segments: the page's texts in page order, each with its type, its place and what the markup around it says.

One walk over the tree. A segment ends where a block-level element starts or ends, and at every `<br>`. Nothing is left out but what
a browser does not show as text (scripts, styles, form controls); telling article from clutter is for the steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from .blocks import BlockType
from .fold import fold
from .length import weight
from .lexicon import Zone, read_zone

BLOCK_TAGS = frozenset(
    "address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul "
    "audio video picture".split()
)
SILENT_TAGS = frozenset(
    "script style noscript template svg math textarea select option datalist iframe object embed head title meta link canvas map".split()
)
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BOLD = frozenset(("b", "strong"))
_PHRASING = frozenset(("p", "span", "a", "b", "i", "em", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "font"))
_TYPES = {
    "li": BlockType.LIST_ITEM,
    "blockquote": BlockType.QUOTE,
    "figcaption": BlockType.CAPTION,
    "figure": BlockType.CAPTION,
    "caption": BlockType.CAPTION,
} | dict.fromkeys(HEADINGS, BlockType.HEADING)
_CELL_LENGTH = 200  # characters; a longer cell is prose in a layout table, not data
_SPACES = " \t\r\n\f\xa0"


@dataclass(frozen=True, slots=True)
class Segment:
    """One text of the page. `element` is the block-level element that holds it, `weight` its weighted length, `key` its folded
    form, `link_chars` and `bold_chars` its characters inside links and bold type. `tight`: a line break, not a block boundary,
    parts it from the segment before."""

    text: str
    type: BlockType
    element: HtmlElement
    weight: int
    key: str
    link_chars: int = 0
    bold_chars: int = 0
    zone: Zone | None = None
    tight: bool = False

    @property
    def link_density(self) -> float:
        return min(1.0, self.link_chars / len(self.text))


def segment(tree: HtmlElement) -> list[Segment]:
    """All segments of the page's body, in page order."""
    body = tree.find("body")
    return list(_Walk().run(body)) if body is not None else []


class _Walk:
    """The state of one walk: the text under way, and what encloses it."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.link_chars = self.bold_chars = 0
        self.links = self.bolds = 0
        self.breaks = 2  # line breaks since the last text; a block boundary counts as two
        self.owners: list[HtmlElement] = []
        self.types: list[BlockType] = [BlockType.PARAGRAPH]
        self.zones: list[Zone | None] = [None]
        self.text_zones: list[Zone | None] = []  # of each part that is more than space

    def run(self, body: HtmlElement) -> Iterator[Segment]:
        skipped = None
        walk = etree.iterwalk(body, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if event == "end":
                if element is skipped:
                    skipped = None
                else:
                    yield from self.leave(element, tag)
                if element is not body:
                    self.add(element.tail)
            elif not isinstance(tag, str) or tag in SILENT_TAGS:
                walk.skip_subtree()
                skipped = element
            elif tag == "tr" and (row := _data_row(element)) is not None:
                yield from self.flush(boundary=True)
                if row:
                    zone = read_zone(element, self.zones[-1])
                    yield Segment(row, BlockType.TABLE_ROW, element, weight(row), fold(row), zone=zone)
                walk.skip_subtree()
                skipped = element
            else:
                yield from self.enter(element, tag)

    def enter(self, element: HtmlElement, tag: str) -> Iterator[Segment]:
        if tag == "br":
            if self.types[-1] is BlockType.HEADING:
                self.parts.append(" ")
            else:
                yield from self.flush()
                self.breaks += 1
        elif _is_block(element):
            yield from self.flush(boundary=True)
            self.owners.append(element)
            self.types.append(_TYPES.get(tag, self.types[-1]))
        elif tag == "a":
            self.links += 1
        elif tag in _BOLD:
            self.bolds += 1
        self.zones.append(read_zone(element, self.zones[-1]))
        self.add(element.text)

    def leave(self, element: HtmlElement, tag: str) -> Iterator[Segment]:
        if self.owners and self.owners[-1] is element:
            yield from self.flush(boundary=True)
            self.owners.pop()
            self.types.pop()
        elif tag == "a":
            self.links -= 1
        elif tag in _BOLD:
            self.bolds -= 1
        self.zones.pop()

    def add(self, text: str | None) -> None:
        if not text:
            return
        self.parts.append(text)
        if visible := text.strip(_SPACES):
            self.text_zones.append(self.zones[-1])
            if self.links:
                self.link_chars += len(visible)
            if self.bolds:
                self.bold_chars += len(visible)

    def flush(self, *, boundary: bool = False) -> Iterator[Segment]:
        """The segment under way, if it holds any text."""
        if self.text_zones:
            text = " ".join("".join(self.parts).split())
            first = self.text_zones[0]
            zone = first if all(other is first for other in self.text_zones) else self.zones[-1]
            tight = self.breaks == 1
            if text:
                yield Segment(
                    text,
                    self.types[-1],
                    self.owners[-1],
                    weight(text),
                    fold(text),
                    self.link_chars,
                    self.bold_chars,
                    zone,
                    tight,
                )
            self.text_zones.clear()
            self.link_chars = self.bold_chars = self.breaks = 0
        self.parts.clear()
        if boundary:
            self.breaks = 2


def _is_block(element: HtmlElement) -> bool:
    if element.tag in BLOCK_TAGS:
        return True
    if "-" not in element.tag:
        return False
    parent = element.getparent()  # a custom element is a block but in running text
    return parent is None or parent.tag not in _PHRASING


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
