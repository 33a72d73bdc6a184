"""Propose what a profile may strip, from blocks that the cleaners kept on several of a site's articles.

An XPath is better than a phrase: it also covers what the site will write there later. It names one class or id that
looks as if a person had chosen it, and on no fetched page may it select text that only one article has.
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

MIN_PROPOSAL_PAGES = 3  # articles that must have a block; two may quote each other
# Weighted characters of a line that is worth a phrase.
_MIN_PHRASE = 12
_MAX_PHRASE = 200
_NAME = re.compile(r"[A-Za-z](?:[a-z]+|[A-Z]+)(?:[-_]{1,2}[A-Za-z]++|[A-Z][a-z]+)*")
_GENERATED = re.compile(
    r"^(?:css|sc|jsx?|jss|emotion|styled?|chakra|svelte|wp-block|has|is|col|row|text|mt|mb|p[xytblr])-", re.I
)
_TOO_GENERAL = {
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
    """Propose one rule for `[clean]`: an XPath or a phrase.

    `articles` of the `pages` have what it drops; `example` is such a text.
    """

    xpath: str
    phrase: str
    kind: str
    articles: int
    pages: int
    example: str


@dataclass(frozen=True, slots=True)
class _PageSegments:
    """Hold a page's segments, and which of them the site repeats or the cleaners dropped."""

    segments: Sequence[Segment]
    repeated: frozenset[int]
    dropped: frozenset[int]


def strip_proposals(pages: Sequence[tuple[Page, Document]]) -> list[StripProposal]:
    """Propose what to strip on a site, from its articles and their cleaned documents; [] if there are fewer than three."""
    if len(pages) < MIN_PROPOSAL_PAGES:
        return []
    read = list(_segment_pages(pages))
    places_by_line: dict[str, list[tuple[int, int]]] = {}
    for number, page in enumerate(read):
        for index in sorted(page.repeated):
            places_by_line.setdefault(_line_pattern(page.segments[index].text), []).append((number, index))
    proposals: dict[str, StripProposal] = {}
    covered: set[tuple[int, int]] = set()
    for pattern, places in places_by_line.items():
        numbers = {number for number, _ in places}
        if len(numbers) < MIN_PROPOSAL_PAGES or covered.issuperset(places):
            continue
        text = read[places[0][0]].segments[places[0][1]].text
        xpath = _xpath(places, read)
        if xpath:
            covered |= set(_selected_segments(xpath, read))
        elif not _MIN_PHRASE <= weight(text) <= _MAX_PHRASE:
            continue
        rule = StripProposal(xpath, "" if xpath else pattern, Kind.REPEATED.value, len(numbers), len(read), text[:80])
        proposals.setdefault(xpath or pattern, rule)
    return list(proposals.values())


def _segment_pages(pages: Sequence[tuple[Page, Document]]) -> Iterator[_PageSegments]:
    memory = remember(document for _, document in pages)
    for page, document in pages:
        try:
            segments = segment(parse(page.html, page.headers))
        except NotHtmlError:
            continue
        blocks = document.blocks[: len(segments)]
        if [block.text for block in blocks] != [found.text for found in segments]:
            continue  # its text is from elsewhere in the page
        repeated = frozenset(repeated_drops(blocks, memory, title=document.title, description=document.description))
        yield _PageSegments(segments, repeated, frozenset(at for at, block in enumerate(blocks) if block.dropped_by))


def _line_pattern(text: str) -> str:
    """Return a pattern of the whole line that allows other numbers."""
    return re.sub(r"\d+", r"\\d+", re.escape(" ".join(text.split())).replace("\\ ", " ").replace("\\-", "-"))


def _xpath(places: Iterable[tuple[int, int]], read: Sequence[_PageSegments]) -> str:
    """Return the XPath of the innermost named element that holds the text on its pages but nothing of the articles."""
    number, index = next(iter(places))
    element: HtmlElement | None = read[number].segments[index].node.element
    while element is not None and element.tag not in ("html", "body", "main", "article"):
        for xpath in _element_xpaths(element):
            selected = set(_selected_segments(xpath, read))
            if selected.issuperset(places) and all(
                at in read[page].repeated or at in read[page].dropped for page, at in selected
            ):
                return xpath
        element = element.getparent()
    return ""


def _element_xpaths(element: HtmlElement) -> Iterator[str]:
    """Yield XPaths of an element by its id and by its classes, if people seem to have chosen them."""
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
        and not _GENERATED.match(name)
        and name.lower() not in _TOO_GENERAL
        and changes * 4 <= len(name)
    )


def _selected_segments(xpath: str, read: Sequence[_PageSegments]) -> Iterator[tuple[int, int]]:
    """Yield page number and index of the segments inside what the XPath selects."""
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
