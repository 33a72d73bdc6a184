"""The headline: chosen among what the structured data, the h1 and the head say, without the outlet's part."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from cleaners.jsonld import StructuredData, plain_text
from cleaners.metadata.head import Head, one_line
from cleaners.metadata.outlet import Outlet, fold

LONGEST = 400  # characters; longer ones are paragraphs in the wrong place

_SEPARATOR = re.compile(
    r"\s+[|‖¦•·»«:–—―-]+\s+|\s*[｜|]\s*|\s+[–—-]{1,2}(?=\S)(?=[A-Z])|(?<=\S)[：](?=\S)|\s+:\s*|, (?=[^,]{3,60}$)"
)
_BAR = re.compile(r"[|｜‖¦»]")
_DATE_TAIL = re.compile(r",?\s*\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4}\s*$")
_OPEN_END = re.compile(r"\s*(?:…|\.\.\.)\s*$")
_ASIDE = frozenset({"aside", "nav", "footer", "template", "noscript"})


def read_title(
    tree: HtmlElement, head: Head, jsonld: StructuredData, outlet: Outlet, labels: frozenset[str] = frozenset()
) -> str | None:
    """The page's headline, or None. `labels` are folded names of sections, which trail headlines as the outlet's name does."""
    told = [
        (3.0, [one_line(plain_text(node.get("headline") or node.get("name"))) for node in jsonld.articles[:1]]),
        (2.0, head.all("og:title", "http://ogp.me/ns#title")[:1]),
        (0.5, head.all("twitter:title")[:1]),
        (0.5, head.all("sailthru.title", "parsely-title", "dc.title", "cxenseparse:title", "title", "headline")[:1]),
        (0.5, [head.title or ""]),
    ]
    heads = headings(tree)
    evidence = [text for _, texts in told for text in texts if text] + heads
    folded = {fold(text) for text in evidence}
    candidates: list[tuple[float, str]] = []
    for weight, texts in told:
        candidates += [
            (weight, without_outlet(text, outlet, folded, labels)) for text in texts if 0 < len(text) <= LONGEST
        ]
    heading = _fitting_heading(heads, [text for _, text in candidates])
    if heading:
        candidates.insert(1, (2.8, without_outlet(heading, outlet, folded, labels)))
    candidates = [(weight, text) for weight, text in candidates if fold(text) and not outlet.is_name(text)]
    return _agreed(candidates)


def without_outlet(
    text: str, outlet: Outlet, evidence: frozenset[str] | set[str] = frozenset(), labels: frozenset[str] = frozenset()
) -> str:
    """A headline without the outlet's name and sections before or after it. A dash that belongs to the headline stays.

    A tail goes where it names the outlet, where it names a section, or where another place of the page (`evidence`,
    folded) has the headline without it.
    """
    named = False
    for cut in reversed(list(_SEPARATOR.finditer(text))):
        rest, tail = text[: cut.start()].rstrip(), text[cut.end() :].strip()
        if len(fold(rest)) < 4:
            break
        if _names_outlet(tail, cut[0], outlet):
            named = True
        elif not _names_section(tail, rest, cut[0], named, evidence, labels):
            break
        text = rest
    first = _SEPARATOR.search(text)
    if (
        first
        and "," not in first[0]
        and outlet.is_name(text[: first.start()])
        and len(text) - first.end() > first.start()
    ):
        after = text[first.end() :].strip()
        if fold(after) in evidence or _BAR.search(first[0]):
            return after
    return text.strip()


def _names_outlet(tail: str, separator: str, outlet: Outlet) -> bool:
    """Whether what trails is the outlet's name, a date of issue behind it or not; after a comma the name may end a description."""
    name = _DATE_TAIL.sub("", tail)
    if outlet.is_name(name):
        return True
    words = name.split()
    return (
        separator.startswith(",")
        and name != tail
        and any(outlet.is_name(" ".join(words[-count:])) for count in (1, 2, 3))
    )


def _names_section(
    tail: str, rest: str, separator: str, named: bool, evidence: frozenset[str] | set[str], labels: frozenset[str]
) -> bool:
    """Whether what trails is a section: a known one, or a short one between bars before the outlet's name."""
    bar = bool(_BAR.search(separator))
    if len(rest) <= len(tail) or "," in separator:
        return False
    known = fold(tail) in labels
    return (known and (bar or named or fold(rest) in evidence)) or (bar and named and len(tail.split()) <= 3)


def headings(tree: HtmlElement) -> list[str]:
    """The texts of the h1 elements that may be the headline: not those of asides, navigation and footers."""
    found = []
    for element in list(tree.iter("h1"))[:12]:
        if any(parent.tag in _ASIDE for parent in element.iterancestors()):
            continue
        text = one_line(" ".join(element.itertext())[:2_000])
        if 0 < len(text) <= LONGEST:
            found.append(re.sub(r"\s+([,.;:!?»”’)])", r"\1", text) if " " in text else text)
    return found


def _fitting_heading(heads: list[str], others: list[str]) -> str | None:
    """The h1 that the other evidence speaks of, or the first that reads like a headline."""
    folded = [fold(text) for text in others if len(fold(text)) >= 8]
    for text in heads:
        own = fold(text)
        if len(own) < 8:
            continue
        for other in folded:
            if own == other or own in other:
                return text
            if other in own and len(other) > len(own) / 2:
                return next(given for given in others if fold(given) == other)  # the h1 carries a kicker as well
    return next(
        (text for text in heads if len(text.split()) >= 3 or len(fold(text)) >= 12), heads[0] if heads else None
    )


def _agreed(candidates: list[tuple[float, str]]) -> str | None:
    """The headline with most evidence behind it; a cut-off one speaks for the whole one."""
    groups: dict[str, float] = {}
    texts: dict[str, str] = {}
    for weight, text in candidates:
        key = fold(_OPEN_END.sub("", text))
        if _OPEN_END.search(text):
            key = next((fold(other) for _, other in candidates if other != text and fold(other).startswith(key)), key)
        groups[key] = groups.get(key, 0.0) + weight
        if key not in texts or (_OPEN_END.search(texts[key]) and not _OPEN_END.search(text)):
            texts[key] = text
    return texts[max(groups, key=lambda key: groups[key])] if groups else None
