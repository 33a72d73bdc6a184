"""Find the headlines that a page shows: its h1 elements, or an h2 if the h1 only ends a breadcrumb trail."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from cleaners.metadata.head import one_line
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Collection

    from lxml.html import HtmlElement

LONGEST_HEADING = 400  # characters; a longer one is a paragraph in the wrong element
_MOST_HEADINGS = 12  # h1 elements, and children of one, to look at; the headline is among the first
_MOST_SUBHEADINGS = 40  # h2 elements
_SHORTEST_REST = 8  # letters and digits that remain without the kicker
_MOST_WRAPPERS = 6  # nested elements around all of a heading's text
_TRAIL_DEPTH = 5  # levels between a breadcrumb trail and its last element

_ASIDE = frozenset({"aside", "footer", "template", "noscript", "dialog"})
_TRAIL_ATTRIBUTES = ("class", "id", "itemtype", "data-testid", "aria-label")
_TRAIL = re.compile(r"crumb|brotkrum|ariane", re.IGNORECASE)
_HIDDEN = re.compile(r"\b(?:sr-only|screen-reader-text|visually-?hidden|offscreen)\b", re.IGNORECASE)
_SEPARATORS = " :|/·•–—-"


class Heading(NamedTuple):
    """Hold a heading's whole text, and its text without the kicker; `rest` is "" if it has no kicker of its own."""

    text: str
    rest: str = ""

    def forms(self) -> set[str]:
        """Return the text with and without the kicker, each reduced to letters and digits."""
        return {letters_only(text) for text in self if text}


class Headings(NamedTuple):
    """Hold a page's headings: h1 that may be the headline, h2 (`below`), and h1 in navigation or hidden (`trail`)."""

    main: list[Heading]
    below: list[Heading]
    trail: list[Heading]

    def shown(self, known: Collection[str]) -> list[Heading]:
        """Return the headings that may be the headline above the text.

        `known` are the headlines that other places give, reduced to letters and digits. An h1 that ends a breadcrumb
        trail is made for search engines; readers then see an h2, the first that another place confirms.
        """
        if self.main and not self.trail:
            return self.main
        confirmed = [heading for heading in self.below if heading.forms() & set(known)][:1]
        return [*confirmed, *self.main] or self.trail


def read_headings(tree: HtmlElement) -> Headings:
    """Collect a page's headings outside asides and footers, in page order."""
    main: list[Heading] = []
    below: list[Heading] = []
    trail: list[Heading] = []
    for element in islice(tree.iter("h1"), _MOST_HEADINGS):
        if not any(parent.tag in _ASIDE for parent in element.iterancestors()) and (heading := _heading(element)):
            is_trail = _HIDDEN.search(element.get("class") or "") or _ends_trail(element)
            (trail if is_trail else main).append(heading)
    if trail or not main:
        for element in islice(tree.iter("h2"), _MOST_SUBHEADINGS):
            is_aside = any(parent.tag in _ASIDE or parent.tag in ("a", "nav") for parent in element.iterancestors())
            if not is_aside and (heading := _heading(element)):
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
    """Return the text of a heading's first element if more text follows it; "" if the heading begins with bare text."""
    for _ in range(_MOST_WRAPPERS):
        children = [child for child in islice(element, _MOST_HEADINGS) if isinstance(child.tag, str) and _line(child)]
        if not children or (element.text or "").strip():
            return ""
        if len(children) > 1 or (children[0].tail or "").strip():
            return _line(children[0])
        element = children[0]
    return ""


def _line(element: HtmlElement) -> str:
    text = one_line(" ".join(str(part) for part in islice(element.itertext(), 100))[:2_000])
    return re.sub(r" ([,.)])", r"\1", text)  # joining inline elements left the space


def _ends_trail(element: HtmlElement) -> bool:
    """Tell whether a heading stands in navigation or last in a breadcrumb trail, which has no paragraphs or h2."""
    if any(parent.tag == "nav" for parent in element.iterancestors()):
        return True
    for ancestor in (element, *islice(element.iterancestors(), _TRAIL_DEPTH)):
        if any(_TRAIL.search(ancestor.get(attribute) or "") for attribute in _TRAIL_ATTRIBUTES):
            return ancestor.find(".//p") is None and ancestor.find(".//h2") is None
    return False
