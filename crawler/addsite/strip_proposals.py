"""Blocks that the cleaners kept and that stand on several of an outlet's articles → what its profile may strip.

An XPath goes before a phrase: it also meets what the outlet writes there tomorrow. It names one class or id that looks
as if a person had chosen it, and holds on every fetched page: nothing that only one article says stands inside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from lxml import etree

from cleaners import remember
from cleaners.document import Document, Kind
from cleaners.html.parse import NotHtmlError, parse
from cleaners.html.segment import Segment, segment
from cleaners.site_memory import repeated_drops
from cleaners.text.measures import weight

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lxml.html import HtmlElement

    from cleaners.page import Page

MIN_PROPOSAL_PAGES = 3  # articles that must carry a block; two may quote each other
_SHORTEST_LINE = 12  # weighted characters of a line that is worth a phrase
_LONGEST = 200
_NAME = re.compile(r"[A-Za-z](?:[a-z]+|[A-Z]+)(?:[-_]{1,2}[A-Za-z]+|[A-Z][a-z]+)*")
_MADE_BY_TOOLS = re.compile(
    r"^(?:css|sc|jsx?|jss|emotion|styled?|chakra|svelte|wp-block|has|is|col|row|text|mt|mb|p[xytblr])-", re.I
)
_PLAIN = {
    "article",
    "main",
    "body",
    "content",
    "container",
    "wrapper",
    "text",
    "page",
    "row",
    "col",
    "inner",
    "section",
    "paragraph",
}


@dataclass(frozen=True, slots=True)
class StripProposal:
    """One rule for `[clean]`: an XPath or a phrase. `articles` carried what it drops, of `seen`; `example` is such a text."""

    xpath: str
    phrase: str
    kind: str
    articles: int
    seen: int
    example: str


@dataclass(frozen=True, slots=True)
class _Read:
    """A page's segments; which of them the outlet repeats, and which the cleaners had dropped already."""

    segments: Sequence[Segment]
    repeated: frozenset[int]
    dropped: frozenset[int]


def strip_proposals(pages: Sequence[tuple[Page, Document]]) -> list[StripProposal]:
    """What to strip at an outlet, from its articles and what became of them; none where there are fewer than three."""
    if len(pages) < MIN_PROPOSAL_PAGES:
        return []
    read = list(_read(pages))
    carried: dict[str, list[tuple[int, int]]] = {}
    for number, page in enumerate(read):
        for index in sorted(page.repeated):
            carried.setdefault(_template(page.segments[index].text), []).append((number, index))
    made: dict[str, StripProposal] = {}
    done: set[tuple[int, int]] = set()
    for template, where in carried.items():
        on = {number for number, _ in where}
        if len(on) < MIN_PROPOSAL_PAGES or done.issuperset(where):
            continue
        text = read[where[0][0]].segments[where[0][1]].text
        xpath = _xpath(where, read)
        if xpath:
            done |= set(_held(xpath, read))
        elif not _SHORTEST_LINE <= weight(text) <= _LONGEST:
            continue
        rule = StripProposal(xpath, "" if xpath else template, Kind.REPEATED.value, len(on), len(read), text[:80])
        made.setdefault(xpath or template, rule)
    return list(made.values())


def _read(pages: Sequence[tuple[Page, Document]]) -> Iterator[_Read]:
    memory = remember(document for _, document in pages)
    for page, document in pages:
        try:
            segments = segment(parse(page.html, page.headers))
        except NotHtmlError:
            continue
        blocks = document.blocks[: len(segments)]
        if [block.text for block in blocks] != [found.text for found in segments]:
            continue  # its text came from elsewhere in the page
        repeated = frozenset(repeated_drops(blocks, memory, title=document.title, description=document.description))
        yield _Read(segments, repeated, frozenset(at for at, block in enumerate(blocks) if block.dropped_by))


def _template(text: str) -> str:
    """A pattern of the whole line, in which numbers may be others."""
    return re.sub(r"\d+", r"\\d+", re.escape(" ".join(text.split())).replace("\\ ", " ").replace("\\-", "-"))


def _xpath(where: Iterable[tuple[int, int]], read: Sequence[_Read]) -> str:
    """The XPath of the innermost element with a name that holds the text on its pages, and nothing that is an article's."""
    number, index = next(iter(where))
    element: HtmlElement | None = read[number].segments[index].node.element
    while element is not None and element.tag not in ("html", "body", "main", "article"):
        for xpath in _names(element):
            held = set(_held(xpath, read))
            if held.issuperset(where) and all(
                at in read[page].repeated or at in read[page].dropped for page, at in held
            ):
                return xpath
        element = element.getparent()
    return ""


def _names(element: HtmlElement) -> Iterator[str]:
    """XPaths of an element by its id or one of its classes, where they look chosen by people."""
    if (name := element.get("id") or "") and _is_chosen(name):
        yield f"//{element.tag}[@id='{name}']"
    classes = (element.get("class") or "").split()
    for name in sorted(filter(_is_chosen, classes), key=len, reverse=True):
        if len(classes) == 1:
            yield f"//{element.tag}[@class='{name}']"
        else:
            yield f"//{element.tag}[contains(concat(' ', @class, ' '), ' {name} ')]"


def _is_chosen(name: str) -> bool:
    changes = len(re.findall(r"[a-z][A-Z]", name))
    return (
        3 <= len(name) <= 50
        and _NAME.fullmatch(name) is not None
        and not _MADE_BY_TOOLS.match(name)
        and name.lower() not in _PLAIN
        and changes * 4 <= len(name)
    )


def _held(xpath: str, read: Sequence[_Read]) -> Iterator[tuple[int, int]]:
    """The segments inside what the XPath selects, by page."""
    find = etree.XPath(xpath)
    for number, page in enumerate(read):
        if not page.segments:
            continue
        selected = set(cast("list[HtmlElement]", find(page.segments[0].node.element.getroottree().getroot())))
        for index, found in enumerate(page.segments):
            element: HtmlElement | None = found.node.element
            while element is not None and element not in selected:
                element = element.getparent()
            if element is not None:
                yield number, index
