"""Bylines on the page: elements marked as such, lines that say "By ...", and names that stand alone about the body."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from cleaners.metadata.head import short_text
from cleaners.metadata.names import is_agency, names_only

LONG_PARAGRAPH = 80  # characters; shorter ones are not what a body is made of
MOST_MARKED = 5  # names in marked elements side by side; more are a list of the outlet's authors

# Parts of class names and of addresses, as few as will do: each costs a look at every element.
_BYLINE_CLASSES = ("uthor", "yline", "utor", "uteur", "firma", "riter", "ournalist")
_BYLINE_LINKS = ("/author", "/autor", "/auteur", "/people/", "/by/")
# From the attributes to their elements: half the time of asking each element for its attributes.
_MARKED = etree.XPath(
    f"(//@class[{' or '.join(f'contains(., {name!r})' for name in _BYLINE_CLASSES)}]"
    "| //@rel[. = 'author'] | //@itemprop[. = 'author'] | //@data-testid[. = 'author']"
    f"| //a/@href[{' or '.join(f'contains(., {place!r})' for place in _BYLINE_LINKS)}])/.."
)
_LEADS = ("By", "by", "BY", "Von", "Par", "Por", "Di", "Door", "Af", "Av")
_ANNOUNCED = etree.XPath(
    "//*[self::p or self::span or self::address or self::small or self::em or self::strong or self::li or self::h4]"
    f"[string-length(.) < 400][{' or '.join(f'starts-with(normalize-space(.), {word + chr(32)!r})' for word in _LEADS)}]"
)
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


def marked_bylines(tree: HtmlElement) -> Iterator[list[str]]:
    """The byline that mark-up names: `rel` and `itemprop` before classes and links to authors' pages, in page order."""
    marked = []
    for element in cast(list[HtmlElement], _MARKED(tree))[:200]:
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
    yield together if len(set(together)) <= MOST_MARKED else first


def plain_bylines(tree: HtmlElement) -> Iterator[list[str]]:
    """A short line that says "By ..."; then a name alone, in bold or italics, right before or after the body."""
    for element in cast(list[HtmlElement], _ANNOUNCED(tree))[:40]:
        text = short_text(element, 160)
        if len(text) <= 120 and not any(parent.tag in _ASIDE for parent in element.iterancestors()):
            names = list(names_only(_PLACED.split(text, maxsplit=1)[0].rstrip(",")))
            if names:
                yield names
                break
    for element, set_off in _beside_body(tree):
        text = short_text(element, 160)
        emphasis = " ".join(str(element.xpath(f"string({set_off})")).split())
        if emphasis == text or "right" in (element.get("style") or ""):
            names = list(names_only(text))
            if names and all(len(name.split()) > 1 for name in names):
                yield names


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
