"""The recipe for text without a page: which lines are clutter, by their words and their place."""

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
_HEAD_LINES = 8  # a headline stands among the first lines, or nowhere


def label_lines(
    lines: Sequence[TextLine], language: str | None, steps: Sequence[LineRule] | None = None
) -> list[Drop | None]:
    """What becomes of each line: None where it is kept. `steps` are `STEPS` where none are given."""
    labels: list[Drop | None] = [None] * len(lines)
    for step in LINE_RULES if steps is None else steps:
        step(lines, labels, language)
    return labels


def _bounds(lines: Sequence[TextLine], labels: Sequence[Drop | None]) -> tuple[int, int]:
    """The first and the last paragraph of the article; (n, -1) where there is none."""
    prose = [
        i for i, line in enumerate(lines) if line.is_prose and labels[i] is None and not _CREDIT.fullmatch(line.text)
    ]
    return (prose[0], prose[-1]) if prose else (len(lines), -1)


def known_phrase_lines(lines: Sequence[TextLine], labels: list[Drop | None], language: str | None) -> None:
    """Phrases; one that needs a second sign finds it at the edge, in a repeat, or beside another line of its kind."""
    known = load_phrases()
    languages = (language,) if language else None
    first, last = _bounds(lines, labels)
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
    """Before the first paragraph: headline, labels, byline, date, caption; a standfirst and its points stay."""
    first, _ = _bounds(lines, labels)
    if first == len(lines):
        return
    headline = _headline(lines, labels, first)
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
    if headline is not None and any(drop for index, drop in enumerate(labels[:first]) if index != headline):
        labels[headline] = Drop(Kind.HEADLINE, "text:headline")  # a head that has more of what heads are made of


def _headline(lines: Sequence[TextLine], labels: Sequence[Drop | None], first: int) -> int | None:
    """The longest line among the first ones that is no sentence, no list item and nothing else that is known."""
    best = None
    for index in range(min(first, _HEAD_LINES)):
        line = lines[index]
        if (
            labels[index]
            or line.is_item
            or _sentence(line)
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


def _sentence(line: TextLine) -> bool:
    """Ends with a full stop; a headline may ask or exclaim."""
    return line.ends and not line.text.rstrip("\"'”’»").endswith(("?", "!", "？", "！"))


# Each labels lines in place; the first that speaks of a line is believed.
LINE_RULES: tuple[LineRule, ...] = (known_phrase_lines, head_lines)
