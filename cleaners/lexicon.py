"""What an element's tag, role, class or id says that it holds: the words that templates all over the web use for clutter."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from lxml.html import HtmlElement

from .blocks import Kind


@dataclass(frozen=True, slots=True)
class Zone:
    """An element that says it is clutter, and the next such element around it. `certain`: a tag, role or property says so,
    not a word in a class name."""

    kind: Kind
    rule: str
    certain: bool
    element: HtmlElement
    outer: Zone | None = None

    def chain(self) -> Iterator[Zone]:
        """This zone and those around it, from the inside out."""
        zone: Zone | None = self
        while zone is not None:
            yield zone
            zone = zone.outer


_TAGS = {
    "nav": Kind.NAVIGATION,
    "aside": Kind.OTHER,
    "footer": Kind.NAVIGATION,
    "figure": Kind.CAPTION,
    "figcaption": Kind.CAPTION,
    "caption": Kind.CAPTION,
    "form": Kind.OTHER,
    "button": Kind.SHARE,
    "audio": Kind.AUDIO_WIDGET,
    "video": Kind.VIDEO_WIDGET,
    "dialog": Kind.CONSENT,
    "address": Kind.BYLINE,
    "time": Kind.TIMESTAMP,
    "menu": Kind.NAVIGATION,
}
_ROLES = {
    "navigation": Kind.NAVIGATION,
    "complementary": Kind.OTHER,
    "contentinfo": Kind.NAVIGATION,
    "search": Kind.NAVIGATION,
    "dialog": Kind.CONSENT,
    "alertdialog": Kind.CONSENT,
    "menu": Kind.NAVIGATION,
    "tablist": Kind.NAVIGATION,
}
_ITEMPROPS = {
    "author": Kind.BYLINE,
    "datepublished": Kind.TIMESTAMP,
    "datemodified": Kind.TIMESTAMP,
    "caption": Kind.CAPTION,
    "headline": Kind.HEADLINE,
    "keywords": Kind.TAGS,
}
_CAPITALS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS = re.compile(r"[^a-zA-Z0-9]+")
_HIDDEN = re.compile(r"(?:^|;)\s*display\s*:\s*none", re.I)
# In these a class says how the whole page looks, not what the element is.
_FRAMES = frozenset(("html", "body", "main", "article"))


def read_zone(element: HtmlElement, outer: Zone | None) -> Zone | None:
    """The innermost zone that `element` stands in, itself included; None for most. Whether it holds is for the steps to weigh."""
    found = _say(element)
    return Zone(*found, element, outer) if found else outer


def _say(element: HtmlElement) -> tuple[Kind, str, bool] | None:
    get = element.get
    tag = element.tag
    if (style := get("style")) and _HIDDEN.search(style):
        return Kind.OTHER, "style:display-none", True
    if (role := get("role")) and (known := _ROLES.get(role.lower())):
        return known, f"role:{role.lower()}", True
    if tag not in _FRAMES:
        names, mark, test = get("class"), get("id"), get("data-testid")
        if (names or mark or test) and (named := _classify(f"{names or ''} {mark or ''} {test or ''}"[:400])):
            return named[0], f"class:{named[1]}", False
    if (prop := get("itemprop")) and (known := _ITEMPROPS.get(prop.lower())):
        return known, f"itemprop:{prop.lower()}", True
    kind = _TAGS.get(tag)
    return (kind, f"tag:{tag}", True) if kind else None


@lru_cache(maxsize=8192)
def _classify(words: str) -> tuple[Kind, str] | None:
    folded = _SEPARATORS.sub(" ", _CAPITALS.sub(" ", words)).lower()
    for kind, search in _matchers():
        if found := search(folded):
            return kind, found.group()
    return None


@cache
def _matchers() -> tuple[tuple[Kind, Callable[[str], re.Match[str] | None]], ...]:
    """One expression a kind, from lexicon.toml; read on first use."""
    lexicon = tomllib.loads(files("cleaners").joinpath("lexicon.toml").read_text(encoding="utf-8"))
    return tuple(
        (Kind(kind), re.compile(rf"(?<![a-z0-9])(?:{'|'.join(words)})(?![a-z0-9])").search)
        for kind, words in lexicon.items()
    )
