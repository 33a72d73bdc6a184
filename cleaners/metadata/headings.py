"""The headlines that a page shows: its h1 elements, or the h2 that is one where the h1 only ends a breadcrumb trail."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from cleaners.metadata.head import one_line
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Collection

    from lxml.html import HtmlElement

LONGEST_HEADING = 400  # characters; longer ones are paragraphs in the wrong place
_MOST_HEADINGS = 12  # h1 elements, and elements in one, that are looked at; the headline is among the first
_MOST_BELOW = 40  # h2 elements
_SHORTEST_REST = 8  # folded characters of a headline that a kicker may stand before
_MOST_WRAPPERS = 6  # elements around all of a heading's text
_TRAIL_DEPTH = 5  # levels between a breadcrumb trail and its last element

_ASIDE = frozenset({"aside", "footer", "template", "noscript", "dialog"})
_TRAIL_MARKS = ("class", "id", "itemtype", "data-testid", "aria-label")
_TRAIL = re.compile(r"crumb|brotkrum|ariane", re.IGNORECASE)
_HIDDEN = re.compile(r"\b(?:sr-only|screen-reader-text|visually-?hidden|offscreen)\b", re.IGNORECASE)
_SEPARATORS = " :|/·•–—-"


class Heading(NamedTuple):
    """A headline: all its text, and what is left of it without a kicker in an element of its own ("" without one)."""

    text: str
    rest: str = ""

    def forms(self) -> set[str]:
        """Its folded texts, with the kicker and without."""
        return {letters_only(text) for text in self if text}


class Headings(NamedTuple):
    """The h1 elements that may be the headline, the h2 elements, and the h1 elements in navigation or hidden."""

    main: list[Heading]
    below: list[Heading]
    trail: list[Heading]

    def shown(self, known: Collection[str]) -> list[Heading]:
        """What may be the headline above the text, `known` being the folded texts of the page's other headline places.

        Where the only h1 is the end of a breadcrumb trail, outlets made it for search engines; the headline that
        people read is then an h2, the first that another place confirms.
        """
        if self.main and not self.trail:
            return self.main
        confirmed = [heading for heading in self.below if heading.forms() & set(known)][:1]
        return [*confirmed, *self.main] or self.trail


def read_headings(tree: HtmlElement) -> Headings:
    """The headings of a page outside asides and footers, in page order."""
    main: list[Heading] = []
    below: list[Heading] = []
    trail: list[Heading] = []
    for element in islice(tree.iter("h1"), _MOST_HEADINGS):
        if not any(parent.tag in _ASIDE for parent in element.iterancestors()) and (heading := _heading(element)):
            unread = _HIDDEN.search(element.get("class") or "") or _ends_trail(element)
            (trail if unread else main).append(heading)
    if trail or not main:
        for element in islice(tree.iter("h2"), _MOST_BELOW):
            outside = any(parent.tag in _ASIDE or parent.tag in ("a", "nav") for parent in element.iterancestors())
            if not outside and (heading := _heading(element)):
                below.append(heading)
    return Headings(main, below, trail)


def _heading(element: HtmlElement) -> Heading | None:
    text = _line(element)
    if not 0 < len(text) <= LONGEST_HEADING:
        return None
    kicker = _kicker(element)
    rest = text.removeprefix(kicker).strip(_SEPARATORS) if kicker else ""
    return Heading(text, rest if rest != text and len(letters_only(rest)) >= _SHORTEST_REST else "")


def _kicker(element: HtmlElement) -> str:
    """The text of the first element in a heading that more follows; "" where the heading begins with bare text."""
    for _ in range(_MOST_WRAPPERS):
        told = [child for child in islice(element, _MOST_HEADINGS) if isinstance(child.tag, str) and _line(child)]
        if not told or (element.text or "").strip():
            return ""
        if len(told) > 1 or (told[0].tail or "").strip():
            return _line(told[0])
        element = told[0]
    return ""


def _line(element: HtmlElement) -> str:
    text = one_line(" ".join(str(part) for part in islice(element.itertext(), 100))[:2_000])
    return re.sub(r" ([,.)])", r"\1", text)  # where inline tags met


def _ends_trail(element: HtmlElement) -> bool:
    """Whether a heading stands in navigation, or last in a breadcrumb trail, which holds no text of its own."""
    if any(parent.tag == "nav" for parent in element.iterancestors()):
        return True
    for place in (element, *islice(element.iterancestors(), _TRAIL_DEPTH)):
        if any(_TRAIL.search(place.get(mark) or "") for mark in _TRAIL_MARKS):
            return place.find(".//p") is None and place.find(".//h2") is None
    return False
