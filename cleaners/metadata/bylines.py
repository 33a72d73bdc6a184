"""Find bylines on a page: elements marked as such, lines that begin with "By", and names alone next to the body."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree

from cleaners.metadata.author_names import is_agency, names_only
from cleaners.metadata.head import short_text
from cleaners.metadata.origins import Traced, name_element

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

LONG_PARAGRAPH = 80  # characters; a body consists of longer ones
MOST_MARKED = 5  # names in marked elements side by side; more are a list of the publisher's authors

_BYLINE_CLASS = re.compile("uthor|yline|ut(?:or|eur)|firma|riter|ournalist")
_BYLINE_LINK = re.compile("/author|/aut(?:or|eur)|/people/|/by/")
_LEAD_WORDS = ("By", "by", "BY", "Von", "Par", "Por", "Di", "Door", "Af", "Av")
_LEAD_PREFIXES = tuple(f"{word} " for word in _LEAD_WORDS)
_LINE_TAGS = ("p", "span", "address", "small", "em", "strong", "li", "h4")
_LONGEST_LINE = 400  # characters, before white space is collapsed
_MOST_PARTS = (
    200  # texts of a line, and elements in a byline, that are looked at for where it begins or names its author
)
_OTHER_WORDS = re.compile(
    r"""related|recommend|comment|teaser|sidebar|widget|footer|promo|more-|popular|trending|newsletter|card|caption
    |authority|authoriz|bio\b|about|description|avatar|image|photo|share|social|follow|date|time|job|role|posts?-list
    |archive|authors-list""",
    re.VERBOSE,
)
# Sections or a date follow: "By Jane Doe, in News, Portugal".
_FILED = re.compile(r",\s*(?:in|on)\s")
_CONTAINERS = frozenset({"body", "html", "article", "main", "meta", "link"})
_ASIDE = frozenset(
    {"aside", "nav", "footer", "template", "noscript", "script", "style", "figure", "figcaption", "form", "svg"}
)


def marked_bylines(tree: HtmlElement) -> Iterator[Traced[list[str]]]:
    """Yield the byline that markup names, if any.

    `rel` and `itemprop` win over classes and links to authors' pages; among equals the first on the page wins.
    """
    marked = []
    for element in islice(_author_elements(tree), 200):
        is_strong = element.get("rel") == "author" or element.get("itemprop") == "author"
        if element.tag in _ASIDE or element.tag in _CONTAINERS:
            continue
        if not is_strong and _not_byline(f"{element.get('class') or ''} {element.get('id') or ''}"):
            continue
        if any(parent.tag in _ASIDE or _not_byline(parent.get("class") or "") for parent in _close_ancestors(element)):
            continue
        if names := _names_of(element):
            marked.append((is_strong, element, names))
    if not marked:
        return
    best_is_strong, best, best_names = next((mark for mark in marked if mark[0]), marked[0])
    container = _container(best)
    beside = [
        names
        for is_strong, element, names in marked
        if is_strong == best_is_strong and element is not best and _container(element) is container
    ]
    together = best_names + [name for names in beside if container is not None for name in names]
    yield Traced(together if len(set(together)) <= MOST_MARKED else best_names, _origin(best))


def plain_bylines(tree: HtmlElement) -> Iterator[Traced[list[str]]]:
    """Yield the first short line that begins with "By", then names set in bold or italics right next to the body."""
    for element in islice(_byline_lines(tree), 40):
        text = short_text(element, 160)
        if len(text) <= 120 and not any(parent.tag in _ASIDE for parent in element.iterancestors()):
            names = list(names_only(_FILED.split(text, maxsplit=1)[0].rstrip(",")))
            if names:
                yield Traced(names, _origin(element))
                break
    for element, emphasis_path in _beside_body(tree):
        text = short_text(element, 160)
        emphasis = " ".join(str(element.xpath(f"string({emphasis_path})")).split())
        if emphasis == text or "right" in (element.get("style") or ""):
            names = list(names_only(text))
            if names and all(len(name.split()) > 1 for name in names):
                yield Traced(names, _origin(element))


def _origin(element: HtmlElement) -> str:
    return f"byline:{name_element(element)}"


def _author_elements(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Yield elements that an attribute links to an author, in page order. One XPath would take twice as long."""
    for element in tree.iter(etree.Element):
        get = element.get
        if (
            _is_byline_class(get("class") or "")
            or get("rel") == "author"
            or get("itemprop") == "author"
            or get("data-testid") == "author"
            or (element.tag == "a" and _BYLINE_LINK.search(get("href") or ""))
        ):
            yield element


@lru_cache(maxsize=4096)
def _is_byline_class(names: str) -> bool:
    return _BYLINE_CLASS.search(names) is not None


def _byline_lines(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Yield short elements whose text begins with "By" or the like, in page order."""
    for element in tree.iter(*_LINE_TAGS):
        first_text = (element.text or "").lstrip() or next(
            (text for text in islice(element.itertext(), _MOST_PARTS) if text.strip()), ""
        ).lstrip()
        if first_text.startswith(_LEAD_WORDS):
            text = element.text_content()
            if len(text) < _LONGEST_LINE and " ".join(text.split()).startswith(_LEAD_PREFIXES):
                yield element


def _beside_body(tree: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Yield the paragraphs next to the body, each with an XPath for emphasis; bold after the body is a heading."""
    long_paragraphs = [p for p in tree.iter("p") if len(short_text(p, LONG_PARAGRAPH)) >= LONG_PARAGRAPH]
    parents = Counter(p.getparent() for p in long_paragraphs)
    if not parents:
        return
    body = max(parents, key=lambda parent: parents[parent])
    inside = [p for p in long_paragraphs if p.getparent() is body]
    for element in islice(inside[0].itersiblings("p", preceding=True), 2):
        yield element, "./strong | ./b | ./em | ./i"
    for element in islice(inside[-1].itersiblings("p"), 2):
        yield element, "./em | ./i"


def _names_of(element: HtmlElement) -> list[str]:
    """Return the names in a marked element; [] if its text is too long for a byline."""
    within = islice(element.iterdescendants(etree.Element), _MOST_PARTS)
    name_property = next((part for part in within if part.get("itemprop") == "name"), element)
    texts = islice(name_property.itertext(), 60)
    lines = [line for text in texts if (line := " ".join(str(text).split()))]
    if not lines or sum(map(len, lines)) > 160:
        return []
    names = list(names_only(" ".join(lines)))
    if names:
        return names
    found = [name for line in lines[:4] for name in names_only(line)]
    return [name for name in found if " " in name or is_agency(name)]


@lru_cache(maxsize=4096)
def _not_byline(names: str) -> bool:
    """Tell whether an element's class or id says that it is not a byline."""
    return _OTHER_WORDS.search(names.lower()) is not None


def _close_ancestors(element: HtmlElement) -> Iterator[HtmlElement]:
    return islice(element.iterancestors(), 8)


def _container(element: HtmlElement) -> HtmlElement | None:
    """Return an element's third ancestor, which holds several marked authors side by side."""
    return next(islice(element.iterancestors(), 2, 3), None)
