"""Drop lines of a text without a page by rules on their words and their place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from cleaners.document import Drop, Kind
from cleaners.metadata.author_names import names_only
from cleaners.phrases import load_phrases
from cleaners.plain_text.lines import TextLine
from cleaners.rules.byline import is_date
from cleaners.text.measures import weight
from cleaners.text.normalize import letters_only

LineRule = Callable[[Sequence[TextLine], list[Drop | None], str | None], None]

_CREDIT = re.compile(
    r".{0,600}[.!?…”\"»)\s/|](?:photo(?:s|graph)?|picture|image|fotos?|bilde?r?|grafik|crédit|credits?|archivbild|symbolbild|写真)"
    r"(?: (?:by|credit|courtesy|von|de))?\s*[:：=©]\s*\S.{0,60}",
    re.I,
)
_HEADLINE = range(15, 220)  # characters, weighted
_LABEL = 45  # characters, weighted; a section label, a place, a kicker
_HEAD_LINES = 8  # lines among which the headline is searched


def label_lines(
    lines: Sequence[TextLine], language: str | None, rules: Sequence[LineRule] | None = None
) -> list[Drop | None]:
    """Return the drop of each line, or None if it is kept. `rules` are LINE_RULES by default."""
    labels: list[Drop | None] = [None] * len(lines)
    for rule in LINE_RULES if rules is None else rules:
        rule(lines, labels, language)
    return labels


def _prose_bounds(lines: Sequence[TextLine], labels: Sequence[Drop | None]) -> tuple[int, int]:
    """Return the first and the last paragraph of the article, or (number of lines, -1) if there is none."""
    prose = [
        i for i, line in enumerate(lines) if line.is_prose and labels[i] is None and not _CREDIT.fullmatch(line.text)
    ]
    return (prose[0], prose[-1]) if prose else (len(lines), -1)


def known_phrase_lines(lines: Sequence[TextLine], labels: list[Drop | None], language: str | None) -> None:
    """Drop lines that match a phrase, with the second sign that some phrases need.

    The sign is a place at the edge, a repeat of the line, or a neighbour of the same kind.
    """
    known = load_phrases()
    languages = (language,) if language else None
    first, last = _prose_bounds(lines, labels)
    repeats = Counter(letters_only(line.text) for line in lines)
    waiting = []
    for index, line in enumerate(lines):
        text = line.text.lstrip("•-–*‣◦· ") or line.text
        edge = not first <= index <= last
        for phrase in known.matches(text, languages):
            if (
                phrase.requires == "none"
                or (edge and phrase.requires in ("edge", "any"))
                or (phrase.requires == "any" and repeats[letters_only(line.text)] > 1)
            ):
                labels[index] = Drop(phrase.kind, f"phrase:{phrase.id}")
                break
            if phrase.requires == "any":
                waiting.append((index, phrase.kind, f"phrase:{phrase.id}"))
    for index, kind, rule in waiting + waiting[::-1]:
        beside = [labels[near] for near in (index - 1, index + 1) if 0 <= near < len(lines)]
        if labels[index] is None and any(drop and drop.kind is kind for drop in beside):
            labels[index] = Drop(kind, rule)


def head_lines(lines: Sequence[TextLine], labels: list[Drop | None], _language: str | None) -> None:
    """Drop headline, labels, byline, date and caption before the first paragraph; a standfirst and its points are kept."""
    first, _ = _prose_bounds(lines, labels)
    if first == len(lines):
        return
    headline = _find_headline(lines, labels, first)
    if headline is not None:
        labels[headline] = Drop(Kind.HEADLINE, "text:first-line")
    for index in range(first):
        line = lines[index]
        if labels[index] is not None:
            continue
        if _CREDIT.fullmatch(line.text):
            labels[index] = Drop(Kind.CAPTION, "text:credit")
        elif is_date(line.text):
            labels[index] = Drop(Kind.TIMESTAMP, "text:date")
        elif headline is None or line.ends or line.is_item:
            continue
        elif index > headline and names_only(line.text):
            labels[index] = Drop(Kind.BYLINE, "text:names")
        elif weight(line.text) <= _LABEL and index < headline:
            labels[index] = Drop(Kind.SECTION_LABEL, "text:label-before-headline")
    # Other parts of an article's head confirm the headline.
    if headline is not None and any(drop for index, drop in enumerate(labels[:first]) if index != headline):
        labels[headline] = Drop(Kind.HEADLINE, "text:headline")


def _find_headline(lines: Sequence[TextLine], labels: Sequence[Drop | None], first: int) -> int | None:
    """Return the longest of the first lines that is not a sentence, a list item or anything else that is known."""
    best = None
    for index in range(min(first, _HEAD_LINES)):
        line = lines[index]
        if (
            labels[index]
            or line.is_item
            or _is_sentence(line)
            or weight(line.text) not in _HEADLINE
            or is_date(line.text)
            or _CREDIT.fullmatch(line.text)
        ):
            continue
        if names_only(line.text) and weight(line.text) < 40:
            continue
        if best is None or len(line.text) > len(lines[best].text):
            best = index
    return best


def _is_sentence(line: TextLine) -> bool:
    """Tell whether a line ends with a full stop: a headline may be a question or an exclamation."""
    return line.ends and not line.text.rstrip("\"'”’»").endswith(("?", "!", "？", "！"))


# Each rule labels lines in place; the first that labels a line decides.
LINE_RULES: tuple[LineRule, ...] = (known_phrase_lines, head_lines)
