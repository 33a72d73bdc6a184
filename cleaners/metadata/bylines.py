"""Bylines on the page: elements marked as such, lines that say "By ...", and names that stand alone about the body."""

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

LONG_PARAGRAPH = 80  # characters; shorter ones are not what a body is made of
MOST_MARKED = 5  # names in marked elements side by side; more are a list of the outlet's authors

_BYLINE_CLASS = re.compile("uthor|yline|ut(?:or|eur)|firma|riter|ournalist")
_BYLINE_LINK = re.compile("/author|/aut(?:or|eur)|/people/|/by/")
_LEADS = ("By", "by", "BY", "Von", "Par", "Por", "Di", "Door", "Af", "Av")
_LED = tuple(f"{lead} " for lead in _LEADS)
_LEADING_TAGS = ("p", "span", "address", "small", "em", "strong", "li", "h4")
_LONGEST_LED = 400  # characters, with all their space
_OTHER_WORDS = re.compile(
    r"""related|recommend|comment|teaser|sidebar|widget|footer|promo|more-|popular|trending|newsletter|card|caption
    |authority|authoriz|bio\b|about|description|avatar|image|photo|share|social|follow|date|time|job|role|posts?-list
    |archive|authors-list""",
    re.VERBOSE,
)
_PLACED = re.compile(r",\s*(?:in|on)\s")  # "By Jane Doe, in News, Portugal": what follows are sections or a date
_CONTAINERS = frozenset({"body", "html", "article", "main", "meta", "link"})
_ASIDE = frozenset(
    {"aside", "nav", "footer", "template", "noscript", "script", "style", "figure", "figcaption", "form", "svg"}
)


def marked_bylines(tree: HtmlElement) -> Iterator[Traced[list[str]]]:
    """The byline that mark-up names: `rel` and `itemprop` before classes and links to authors' pages, in page order."""
    marked = []
    for element in islice(_named(tree), 200):
        strong = element.get("rel") == "author" or element.get("itemprop") == "author"
        if element.tag in _ASIDE or element.tag in _CONTAINERS:
            continue
        if not strong and _not_byline(f"{element.get('class') or ''} {element.get('id') or ''}"):
            continue
        if any(parent.tag in _ASIDE or _not_byline(parent.get("class") or "") for parent in _above(element)):
            continue
        if names := _names_of(element):
            marked.append((strong, element, names))
    if not marked:
        return
    strong, best, first = next((mark for mark in marked if mark[0]), marked[0])
    around = _surrounding(best)
    beside = [
        mark[2] for mark in marked if mark[0] == strong and mark[1] is not best and _surrounding(mark[1]) is around
    ]
    together = first + [name for names in beside if around is not None for name in names]
    yield Traced(together if len(set(together)) <= MOST_MARKED else first, _origin(best))


def plain_bylines(tree: HtmlElement) -> Iterator[Traced[list[str]]]:
    """A short line that says "By ..."; then a name alone, in bold or italics, right before or after the body."""
    for element in islice(_led(tree), 40):
        text = short_text(element, 160)
        if len(text) <= 120 and not any(parent.tag in _ASIDE for parent in element.iterancestors()):
            names = list(names_only(_PLACED.split(text, maxsplit=1)[0].rstrip(",")))
            if names:
                yield Traced(names, _origin(element))
                break
    for element, set_off in _beside_body(tree):
        text = short_text(element, 160)
        emphasis = " ".join(str(element.xpath(f"string({set_off})")).split())
        if emphasis == text or "right" in (element.get("style") or ""):
            names = list(names_only(text))
            if names and all(len(name.split()) > 1 for name in names):
                yield Traced(names, _origin(element))


def _origin(element: HtmlElement) -> str:
    return f"byline:{name_element(element)}"


def _named(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Elements that an attribute may name for the author, in page order. (One XPath for all of them takes twice as long.)"""
    for element in tree.iter(etree.Element):
        get = element.get
        if (
            _says_byline(get("class") or "")
            or get("rel") == "author"
            or get("itemprop") == "author"
            or get("data-testid") == "author"
            or (element.tag == "a" and _BYLINE_LINK.search(get("href") or ""))
        ):
            yield element


@lru_cache(maxsize=4096)
def _says_byline(names: str) -> bool:
    return _BYLINE_CLASS.search(names) is not None


def _led(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Elements of a line that begins with a word for who wrote it, in page order."""
    for element in tree.iter(*_LEADING_TAGS):
        opening = (element.text or "").lstrip() or next(
            (text for text in element.itertext() if text.strip()), ""
        ).lstrip()
        if opening.startswith(_LEADS):
            text = element.text_content()
            if len(text) < _LONGEST_LED and " ".join(text.split()).startswith(_LED):
                yield element


def _beside_body(tree: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Short paragraphs next to the body, with the elements that set a name off there; bold after it is a heading."""
    long = [p for p in tree.iter("p") if len(short_text(p, LONG_PARAGRAPH)) >= LONG_PARAGRAPH]
    parents = Counter(p.getparent() for p in long)
    if not parents:
        return
    body = max(parents, key=lambda parent: parents[parent])
    inside = [p for p in long if p.getparent() is body]
    for element in islice(inside[0].itersiblings("p", preceding=True), 2):
        yield element, "./strong | ./b | ./em | ./i"
    for element in islice(inside[-1].itersiblings("p"), 2):
        yield element, "./em | ./i"


def _names_of(element: HtmlElement) -> list[str]:
    """Names in one marked element; an element with more than a byline's text is none."""
    name = element.find(".//*[@itemprop='name']")
    texts = islice((name if name is not None else element).itertext(), 60)
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
    """Whether an element's class or id says that it is something else than a byline."""
    return _OTHER_WORDS.search(names.lower()) is not None


def _above(element: HtmlElement) -> Iterator[HtmlElement]:
    return islice(element.iterancestors(), 8)


def _surrounding(element: HtmlElement) -> HtmlElement | None:
    """What holds an element, two levels further up: several authors, each marked, stand in it side by side."""
    return next(islice(element.iterancestors(), 2, 3), None)
