"""Headlines without what outlets put around them: their name, the section, the date of issue."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from cleaners.metadata.publisher import Publisher

SuffixEvidence = Mapping[str, int]  # folded texts of a page's headline places, and how many places have them
_NOTHING: SuffixEvidence = Counter()

# ㅣ is a Korean vowel, which Korean outlets set where others set a bar. A hyphen without spaces mostly joins words.
_SEPARATOR = re.compile(
    r"\s+(?:[|‖¦•·»«›‹~:–—―ㅣ/-]|::|--)+\s+|\s*[｜|]\s*|(?<=\S)[：_ㅣ](?=\S)|, (?=[^,]{3,60}$)|(?<=[^\s-])-(?=[^\s-])"
)
_BAR = re.compile(r"[|｜‖¦»›ㅣ]")
_ISSUE = re.compile(r",?\s*\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4}\s*$")
SHORTEST_STEM = 12  # folded characters of a headline that may lose a tail which no name explains


def without_outlet(
    text: str, outlet: Publisher, evidence: SuffixEvidence = _NOTHING, labels: frozenset[str] = frozenset()
) -> str:
    """A headline without the outlet's name and sections before or after it. A dash that belongs to the headline stays.

    A tail goes where it names the outlet, where it names a section (`labels`, folded), or where the page's other places
    (`evidence`) have the headline without it more often than with it.
    """
    dated = bool(_ISSUE.search(text))
    whole, text = text, _ISSUE.sub("", text)
    named = False
    for cut in reversed(list(_SEPARATOR.finditer(text))):
        rest, tail = text[: cut.start()].rstrip(), text[cut.end() :].strip()
        if len(letters_only(rest)) < 4:
            break
        if cut[0] == "-" and not _known_without(rest, tail, evidence):
            continue
        if _names_outlet(tail, cut[0], dated, outlet):
            named = True
        elif not _names_section(tail, rest, cut[0], named, evidence, labels):
            break
        text = rest
    if dated and not named:
        return whole.strip()
    first = next((cut for cut in _SEPARATOR.finditer(text) if cut[0] != "-"), None)
    if first and "," not in first[0]:
        before, after = text[: first.start()], text[first.end() :].strip()
        known = letters_only(after) in evidence or _BAR.search(first[0])
        if known and len(after) > len(before) and outlet.is_name(before, loosely=True):
            return after
    return text.strip(" |–—·•-")


def _names_outlet(tail: str, separator: str, dated: bool, outlet: Publisher) -> bool:
    """Whether what trails is the outlet's name. After a comma it is only before a date; "Daily" and such may lead it."""
    if "," not in separator:
        return outlet.is_name(tail, loosely=True)
    words = tail.split()
    return dated and any(outlet.is_name(" ".join(words[-count:]), loosely=True) for count in (1, 2, 3))


def _names_section(
    tail: str, rest: str, separator: str, named: bool, evidence: SuffixEvidence, labels: frozenset[str]
) -> bool:
    """Whether what trails is no headline: the page has it without, or it is a section, known or short between bars."""
    if "," in separator or len(rest) <= len(tail):
        return False
    if _known_without(rest, tail, evidence):
        return True
    bar = bool(_BAR.search(separator))
    return (letters_only(tail) in labels and (bar or named)) or (bar and named and len(tail.split()) <= 3)


def _known_without(rest: str, tail: str, evidence: SuffixEvidence) -> bool:
    """Whether the page's other places have the headline without the tail, and no fewer than have it with the tail."""
    stem = letters_only(rest)
    return len(stem) >= SHORTEST_STEM and evidence.get(stem, 0) >= max(1, evidence.get(letters_only(rest + tail), 0))
