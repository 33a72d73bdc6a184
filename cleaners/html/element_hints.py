"""Read element hints: what an element's tag, role, class or id says that it holds."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from cleaners.document import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml.html import HtmlElement


class ElementHint(NamedTuple):
    """Describe an element whose markup says that it is clutter, and the next such element around it.

    `rule` names the evidence. `certain` means that it is a tag, a role or a property, and not a word in a class name.
    """

    kind: Kind
    rule: str
    certain: bool
    outer: ElementHint | None = None
    depth: int = 1  # of this hint in those around it

    def chain(self) -> Iterator[ElementHint]:
        """Yield this hint and those around it, from the inside out."""
        hint: ElementHint | None = self
        while hint is not None:
            yield hint
            hint = hint.outer


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
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_HIDDEN = re.compile(r"(?:^|;)\s*display\s*:\s*none", re.I)
_DEEPEST = 40  # hints around one text, as rules look at all of them; recorded pages nest 20
_MAX_NAMES = 400  # characters of class and id that are read
# On these elements a class describes the look of the whole page, not the element.
_FRAMES = frozenset(("html", "body", "main", "article"))


def read_hint(
    element: HtmlElement, tag: str, class_names: str, element_id: str, outer: ElementHint | None
) -> ElementHint | None:
    """Return the innermost hint for the content of `element`, its own or that of an ancestor; None for most elements.

    `outer` is the hint of its parent. Rules decide whether to believe it.
    """
    if len(element.attrib) > bool(class_names) + bool(element_id):  # true of a third of all elements
        get = element.get
        style, role, prop, test = get("style"), get("role"), get("itemprop"), get("data-testid")
        if style or role or prop or test:
            words = f"{class_names} {element_id} {test or ''}"
            return _within(outer, _of_attributes(tag, style or "", (role or "").lower(), (prop or "").lower(), words))
    return _within(outer, _of_names(tag, class_names, element_id))


def _within(outer: ElementHint | None, found: tuple[Kind, str, bool] | None) -> ElementHint | None:
    """Return what was found as a hint inside another; the other if nothing was, or if too many are around it already."""
    if found is None:
        return outer
    if outer is None:
        return ElementHint(*found)
    return ElementHint(*found, outer, outer.depth + 1) if outer.depth < _DEEPEST else outer


def _of_attributes(tag: str, style: str, role: str, prop: str, words: str) -> tuple[Kind, str, bool] | None:
    """Return the kind, rule and certainty of an element by its attributes, the surest first, and its tag."""
    if _HIDDEN.search(style):
        return Kind.OTHER, "style:display-none", True
    if known := _ROLES.get(role):
        return known, f"role:{role}", True
    if tag not in _FRAMES and (named := _classify(words[:_MAX_NAMES])):
        return named
    if known := _ITEMPROPS.get(prop):
        return known, f"itemprop:{prop}", True
    return _of_tag(tag)


@lru_cache(maxsize=32_768)
def _of_names(tag: str, class_names: str, element_id: str) -> tuple[Kind, str, bool] | None:
    """Return the kind, rule and certainty of an element by its class, its id and its tag."""
    if (
        (class_names or element_id)
        and tag not in _FRAMES
        and (named := _classify(f"{class_names} {element_id} "[:_MAX_NAMES]))
    ):
        return named
    return _of_tag(tag)


def _of_tag(tag: str) -> tuple[Kind, str, bool] | None:
    kind = _TAGS.get(tag)
    return (kind, f"tag:{tag}", True) if kind else None


@lru_cache(maxsize=8192)
def _classify(words: str) -> tuple[Kind, str, bool] | None:
    """Return the first kind, in the file's order, with a word among these names; the word becomes the rule."""
    groups, search = _load_words()
    parted = words if words.islower() else _CAPITALS.sub(" ", words).lower()
    best: tuple[int, Kind, str] | None = None
    for match in search(" " + _SEPARATORS.sub(" ", parted)):
        rank, kind = groups[(match.lastindex or 0) - 1]
        if best is None or rank < best[0]:
            best = rank, kind, match.group()[1:]
    return best and (best[1], f"class:{best[2]}", False)


@cache
def _load_words() -> tuple[tuple[tuple[int, Kind], ...], Callable[[str], Iterator[re.Match[str]]]]:
    """Return the rank and kind of each group, and the search of one expression with all words of element_hints.toml.

    Words are grouped by first letter, so that few are tried at each position; the words of one kind end in an empty
    group, whose number identifies the kind.
    """
    words_by_kind = tomllib.loads(files("cleaners.html").joinpath("element_hints.toml").read_text(encoding="utf-8"))
    letters: dict[str, dict[tuple[int, Kind], list[str]]] = {}
    for rank, (kind, words) in enumerate(words_by_kind.items()):
        for word in words:
            letters.setdefault(word[0], {}).setdefault((rank, Kind(kind)), []).append(word[1:])
    branches = []
    for letter, kinds in letters.items():
        rests = (f"(?:{'|'.join(words)})()" for words in kinds.values())
        branches.append(f"{letter}(?:{'|'.join(rests)})")
    groups = tuple(group for kinds in letters.values() for group in kinds)
    return groups, re.compile(rf" (?:{'|'.join(branches)})(?![a-z0-9])").finditer
