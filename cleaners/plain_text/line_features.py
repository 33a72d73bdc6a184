"""Compute the line model's features: an array with one row for each line of a text.

No feature is a word, a site or a language. The words that a line shares with the rest of the text say most: an article
is about one subject, and a link to another article about a different one.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from cleaners.document import Drop, Kind
from cleaners.metadata.author_names import names_only
from cleaners.phrases import load_phrases
from cleaners.rules.byline import is_date
from cleaners.text.measures import weight, word_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.model.boosted_trees import Array
    from cleaners.plain_text.lines import TextLine

_DIGIT = re.compile(r"\d")
_UPPER = re.compile(r"[A-ZÀ-ÖØ-ÞА-Я]")
_CLAUSE = re.compile(r"[.!?。！？]\s|、|, ")
_DATE_LIKE = re.compile(r"\d{1,4}\s?[./\-年]\s?\d{1,2}|\d{1,2}:\d{2}|(?:19|20)\d\d")
_SIGNS = re.compile(r"[|»›→▶►©•·@#/]")
_CREDITED = re.compile(r"(?:photo|foto|bild|image|picture|credit|写真|©)", re.I)
_KINDS = tuple(Kind)
_NEEDS = ("none", "link", "edge", "any")

LINE_FEATURE_NAMES: tuple[str, ...] = (
    # the line itself
    "weight", "words", "ends", "item", "clauses", "digits", "uppercase", "date_like", "signs", "colon", "quote", "question",
    "comma_rate", "gap", "is_date", "is_names", "credited", "repeats",
    # phrases and rules
    "phrase", "phrase_needs", "rule",
    # its place
    "index", "position", "lines", "before_first", "after_last", "from_first", "to_last", "prose_before", "prose_after",
    # words shared with the rest
    "shared", "shared_head", "shared_near", "rare",
    # its neighbours
    "weight_before", "weight_after", "ends_before", "ends_after", "item_before", "item_after", "gap_after", "ruled_before",
    "ruled_after", "run", "run_place", "shared_before", "shared_after", "mean_weight",
)  # fmt: skip


def line_features(lines: Sequence[TextLine], labels: Sequence[Drop | None], language: str | None) -> Array:
    """Return an array of shape (lines, len(LINE_FEATURE_NAMES)), float32. `labels` are the drops by the rules."""
    n = len(lines)
    if not n:
        return np.zeros((0, len(LINE_FEATURE_NAMES)), np.float32)
    columns: dict[str, Array] = {}
    columns |= dict(zip(LINE_FEATURE_NAMES, _line_columns(lines, labels, language).T, strict=False))
    _add_place(columns, lines, labels)
    _add_shared_words(columns, lines)
    _add_neighbours(columns, labels)
    return np.column_stack([columns[name] for name in LINE_FEATURE_NAMES]).astype(np.float32)


def _line_columns(lines: Sequence[TextLine], labels: Sequence[Drop | None], language: str | None) -> Array:
    repeats = Counter(line.text for line in lines)
    phrases, languages = load_phrases(), (language,) if language else None
    rows = np.zeros((len(lines), 21), np.float32)
    for index, (line, drop) in enumerate(zip(lines, labels, strict=True)):
        text, size = line.text, len(line.text)
        found = next(iter(phrases.matches(text, languages)), None) if size < 400 else None
        rows[index] = (
            weight(text),
            text.count(" ") + 1,
            line.ends,
            line.is_item,
            len(_CLAUSE.findall(text)),
            len(_DIGIT.findall(text)) / size,
            len(_UPPER.findall(text)) / size,
            _DATE_LIKE.search(text) is not None,
            len(_SIGNS.findall(text)) / size,
            text.endswith((":", "：")),
            text[0] in "\"'“„«»‘「『",
            "?" in text or "？" in text,
            (text.count(",") + text.count("、") + text.count("，")) / size,
            min(line.gap, 3),
            is_date(text),
            size < 120 and bool(names_only(text)),
            size < 600 and _CREDITED.search(text[-80:]) is not None,
            repeats[text],
            _KINDS.index(found.kind) if found else -1,
            _NEEDS.index(found.requires) if found else -1,
            _KINDS.index(drop.kind) if drop else -1,
        )
    return rows


def _add_place(columns: dict[str, Array], lines: Sequence[TextLine], labels: Sequence[Drop | None]) -> None:
    n = len(lines)
    index = np.arange(n, dtype=np.float32)
    prose = np.fromiter(
        (line.is_prose and drop is None for line, drop in zip(lines, labels, strict=True)), np.float32, n
    )
    where = np.flatnonzero(prose)
    first, last = (int(where[0]), int(where[-1])) if len(where) else (n, -1)
    mass = prose * columns["weight"]
    before = np.cumsum(mass) - mass
    columns |= {
        "index": index,
        "position": index / n,
        "lines": np.full(n, n, np.float32),
        "before_first": (index < first).astype(np.float32),
        "after_last": (index > last).astype(np.float32),
        "from_first": np.clip(index - first, -30, 100),
        "to_last": np.clip(last - index, -30, 100),
        "prose_before": before / max(1.0, float(mass.sum())),
        "prose_after": _lines_since(prose[::-1])[::-1],
    }


def _add_shared_words(columns: dict[str, Array], lines: Sequence[TextLine]) -> None:
    """Add how much of a line's vocabulary occurs in the rest of the text, its first third, and the four lines around it."""
    n = len(lines)
    bags = [{word for word in word_set(line.text) if len(word) > 3 or not word.isascii()} for line in lines]
    known = Counter(word for bag in bags for word in bag)
    head = Counter(word for bag in bags[: max(1, n // 3)] for word in bag)
    rows = np.zeros((n, 4), np.float32)
    for index, bag in enumerate(bags):
        if not bag:
            rows[index] = (-1, -1, -1, -1)
            continue
        near = set().union(*bags[max(0, index - 2) : index], *bags[index + 1 : index + 3])
        in_head = index < max(1, n // 3)
        rows[index] = (
            sum(known[word] > 1 for word in bag) / len(bag),
            sum(head[word] > in_head for word in bag) / len(bag),
            len(bag & near) / len(bag),
            sum(1 / known[word] for word in bag) / len(bag),
        )
    columns |= dict(zip(("shared", "shared_head", "shared_near", "rare"), rows.T, strict=True))


def _add_neighbours(columns: dict[str, Array], labels: Sequence[Drop | None]) -> None:
    n = len(labels)
    ruled = np.fromiter((drop is not None for drop in labels), np.float32, n)
    short = ((columns["weight"] < 80) & (columns["ends"] == 0)).astype(np.float32)
    back = _lines_since(1 - short)
    ahead = _lines_since((1 - short)[::-1])[::-1]
    columns |= {
        "weight_before": _shift(columns["weight"], -1),
        "weight_after": _shift(columns["weight"], 1),
        "ends_before": _shift(columns["ends"], -1),
        "ends_after": _shift(columns["ends"], 1),
        "item_before": _shift(columns["item"], -1),
        "item_after": _shift(columns["item"], 1),
        "gap_after": _shift(columns["gap"], 1),
        "ruled_before": _shift(ruled, -1),
        "ruled_after": _shift(ruled, 1),
        "run": back + ahead,
        "run_place": back,
        "shared_before": _shift(columns["shared"], -1),
        "shared_after": _shift(columns["shared"], 1),
        "mean_weight": np.full(n, columns["weight"].mean(), np.float32),
    }


def _shift(column: Array, by: int) -> Array:
    """Return the value of the line `by` places further; -1 beyond the ends."""
    moved = np.full_like(column, -1)
    if by > 0:
        moved[:-by] = column[by:]
    else:
        moved[-by:] = column[:by]
    return moved


def _lines_since(marks: Array) -> Array:
    """Return how many lines ago the last mark before each line was; at most 60."""
    index = np.arange(len(marks), dtype=np.float32)
    last = np.maximum.accumulate(np.where(marks > 0, index, -100.0))
    return np.clip(index - np.concatenate(([-100.0], last[:-1])), 0, 60)
