"""Drop bylines and dates: lines near the article's edges that only repeat its metadata."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cleaners.document import Drop, Kind
from cleaners.metadata.author_names import names_only
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.selection.page_context import PageContext

_MAX_LINE = 120  # characters; a longer line says more than who and when
_SMALL_WORDS = frozenset(
    "by von par por di da de door av af od przez oleh text texte texto testo autor author story words reporting "
    "and und et y e og och 文 記者".split()
)
_DATE = re.compile(
    r"(?:(?:published|updated|posted|last updated|stand|aktualisiert|veröffentlicht|erstellt|publié|mis à jour"
    r"|actualizado|publicado|pubblicato|aggiornato)"
    r"[^\d]{0,30})?(?:\w+,?\s+)?\d{1,4}[./\-\s]\s?(?:\d{1,2}|\w{3,10})[./\-\s,]*\s?\d{2,4}(?:[,\s|–-]*(?:um|at|à|às"
    r"|alle|ore)?\s*\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?\s*"
    r"(?:uhr|h|am|pm|gmt|utc|cet|est|edt|et|ist)?)?\W*",
    re.I,
)

_DATED = re.compile(r"(\D{3,100}?)\s*[,|·–—-]\s*(\D{0,20}\d.*)")


def byline(context: PageContext, labels: Sequence[Drop | None]) -> Mapping[int, Drop]:
    """Drop kept lines that are only author names or a date, before the first or after the last paragraph."""
    first, last = context.prose_bounds(labels)
    names = [letters_only(name) for name in context.metadata.authors if name]
    drops = {}
    for index in context.kept(labels):
        text = context.segments[index].text
        if first < index < last or len(text) > _MAX_LINE or index == context.standfirst:
            continue
        if _only_names(text, names) or _names_and_date(text):
            drops[index] = Drop(Kind.BYLINE, "byline:authors")
        elif is_date(text):
            drops[index] = Drop(Kind.TIMESTAMP, "byline:date")
    return drops


def is_date(text: str) -> bool:
    """Tell whether the line is a date, with or without a time, and nothing else.

    >>> is_date("Published: 4 March 2026, 12:30"), is_date("In March 2026 the harbour opened.")
    (True, False)
    """
    return len(text) <= _MAX_LINE and _DATE.fullmatch(text) is not None


def _names_and_date(text: str) -> bool:
    """Tell whether the line is a byline with a date, such as "By Jane Doe and John Roe, 3 May 2024"."""
    found = _DATED.fullmatch(text)
    return found is not None and is_date(found[2]) and bool(names_only(found[1]))


def _only_names(text: str, names: Sequence[str]) -> bool:
    """Tell whether the line holds only the authors' names and the small words around them."""
    rest = letters_only(text)
    found = False
    for name in names:
        if name and name in rest:
            rest, found = rest.replace(name, " "), True
    if not found:
        return False
    left = [part for part in rest.split() if part not in _SMALL_WORDS]
    return sum(map(len, left)) <= 0.34 * len(letters_only(text))
