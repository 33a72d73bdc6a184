"""Strip what publishers put around headlines: their name, the section, the date of issue."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from cleaners.metadata.publisher import Publisher

# The headlines that a page's places give, reduced to letters and digits, and how many places give each.
SuffixEvidence = Mapping[str, int]
_NO_EVIDENCE: SuffixEvidence = Counter()

# Korean publishers use the vowel ㅣ as a bar. A hyphen without spaces mostly joins words.
_SEPARATOR = re.compile(
    r"(?<!\s)\s++[|‖¦•·»«›‹~:–—―ㅣ/-]+\s+|(?:(?<!\s)\s++)?[｜|]\s*|(?<=\S)[：_ㅣ](?=\S)|, (?=[^,]{3,60}$)|(?<=[^\s-])-(?=[^\s-])"
)
_BAR = re.compile(r"[|｜‖¦»›ㅣ]")
_ISSUE = re.compile(r",?(?:(?<!\s)\s++)?\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4}\s*+$")
# Letters and digits that a headline must keep to lose a suffix that is no known name.
_SHORTEST_STEM = 12


def strip_publisher(
    text: str, publisher: Publisher, evidence: SuffixEvidence = _NO_EVIDENCE, labels: frozenset[str] = frozenset()
) -> str:
    """Return a headline without the publisher's name and sections before or after it.

    A suffix is removed if it names the publisher or a section (one of `labels`, reduced to letters and digits), or if
    the page's places give the headline at least as often without it (`evidence`). Other dashes stay.
    """
    dated = bool(_ISSUE.search(text))
    original, text = text, _ISSUE.sub("", text)
    named = False
    for cut in reversed(list(_SEPARATOR.finditer(text))):
        rest, suffix = text[: cut.start()].rstrip(), text[cut.end() :].strip()
        if len(letters_only(rest)) < 4:
            break
        if cut[0] == "-" and not _is_known_without(rest, suffix, evidence):
            continue
        if _is_publisher(suffix, cut[0], dated, publisher):
            named = True
        elif not _is_section(suffix, rest, cut[0], named, evidence, labels):
            break
        text = rest
    if dated and not named:
        return original.strip()
    first = next((cut for cut in _SEPARATOR.finditer(text) if cut[0] != "-"), None)
    if first and "," not in first[0]:
        before, after = text[: first.start()], text[first.end() :].strip()
        is_likely = letters_only(after) in evidence or _BAR.search(first[0])
        if is_likely and len(after) > len(before) and publisher.is_name(before, loosely=True):
            return after
    return text.strip(" |–—·•-")


def _is_publisher(suffix: str, separator: str, dated: bool, publisher: Publisher) -> bool:
    """Tell whether a suffix is the publisher's name; after a comma only before a date, where other words may precede it."""
    if "," not in separator:
        return publisher.is_name(suffix, loosely=True)
    words = suffix.split()
    return dated and any(publisher.is_name(" ".join(words[-count:]), loosely=True) for count in (1, 2, 3))


def _is_section(
    suffix: str, rest: str, separator: str, named: bool, evidence: SuffixEvidence, labels: frozenset[str]
) -> bool:
    """Tell whether a suffix is a section: a known one, a short one between bars, or one that other places leave out."""
    if "," in separator or len(rest) <= len(suffix):
        return False
    if _is_known_without(rest, suffix, evidence):
        return True
    bar = bool(_BAR.search(separator))
    return (letters_only(suffix) in labels and (bar or named)) or (bar and named and len(suffix.split()) <= 3)


def _is_known_without(rest: str, suffix: str, evidence: SuffixEvidence) -> bool:
    """Tell whether at least as many places give the headline without the suffix as with it, and one at least."""
    stem = letters_only(rest)
    return len(stem) >= _SHORTEST_STEM and evidence.get(stem, 0) >= max(1, evidence.get(letters_only(rest + suffix), 0))
