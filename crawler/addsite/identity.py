"""What an outlet calls itself and what language it writes, by the word of most of its pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from lxml import html

from cleaners.blocks import Document

_BAR = re.compile(r"\s+[|–—·•«»-]\s+|\s*｜\s*")


def name_of(documents: Sequence[Document], trees: Sequence[html.HtmlElement], domain: str) -> tuple[str, str]:
    """The outlet's name, and a line for a person where it is a guess.

    What its articles say (og:site_name, the publisher in their JSON-LD); what ends all titles; the domain.
    """
    said = Counter(document.source_name for document in documents if document.source_name)
    if said:
        name, count = said.most_common(1)[0]
        other = f"pages call themselves {' and '.join(sorted(said))}: look at name" if count * 2 < said.total() else ""
        return name, other
    ends = Counter(end for tree in trees if (end := _end_of_title(tree)))
    if ends and (shared := ends.most_common(1)[0])[1] >= max(2, len(trees) / 2):
        return shared[0], f"name taken from the end of the titles: {shared[0]}"
    return domain, "no page says what the outlet is called: set name"


def _end_of_title(tree: html.HtmlElement) -> str:
    title = " ".join(str(tree.xpath("string(//head/title)")).split())
    parts = _BAR.split(title)
    return parts[-1] if len(parts) > 1 and len(parts[-1]) <= 40 else ""


def language_of(documents: Sequence[Document], tags: Iterable[str]) -> tuple[str, str]:
    """The language of most articles, else of the pages' own tags (`<html lang>`); and a line where it is a guess."""
    written = Counter(document.language for document in documents if document.language)
    declared = Counter(tag[:2].lower() for tag in tags if re.match(r"[A-Za-z]{2}(?:[-_]|$)", tag.strip()))
    if written:
        code, count = written.most_common(1)[0]
        if count * 3 < written.total() * 2:
            return code, f"articles in several languages ({', '.join(sorted(written))}): look at language"
        return code, ""
    if declared:
        return declared.most_common(1)[0][0], "language as the pages declare it: their text was too short to tell"
    return "en", "no language seen: en is a guess"


def language_tags(trees: Iterable[html.HtmlElement]) -> list[str]:
    """What pages declare: `<html lang>` and og:locale."""
    found: list[str] = []
    for tree in trees:
        found += [
            str(tag) for tag in tree.xpath("/html/@lang | //meta[@property='og:locale']/@content") if str(tag).strip()
        ]
    return found
