"""Measure extracted texts: by 4-token shingles against the gold text, or by snippets found and leaked."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING, Any

from cleaners.document import BULLET, LEARNED, Drop, Kind, render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.training.examples import TrainingExample

_TOKEN = re.compile(r"\w+")
_SHINGLE = 4  # tokens, as in public article-extraction benchmarks
_MODEL_DROP = Drop(Kind.OTHER, LEARNED)


@dataclass(frozen=True, slots=True)
class Figures:
    """Hold precision, recall and F1 on one set; `exact` is the share of pages that equal the gold token by token."""

    f1: float
    precision: float
    recall: float
    exact: float | None
    pages: int


def text_of(example: TrainingExample, kept: Sequence[bool]) -> str:
    """Return the text of a page with these decisions."""
    return render(
        block._replace(dropped_by=None if keep else _MODEL_DROP)
        for block, keep in zip(example.blocks, kept, strict=True)
    )


def score_texts(examples: Sequence[TrainingExample], texts: Sequence[str]) -> Figures:
    """Measure these texts of one set's pages."""
    if examples[0].set == "snippets":
        return _by_snippets(examples, texts)
    pages = [compare(example.row, text) for example, text in zip(examples, texts, strict=True)]
    precision = mean(p for p, _, _ in pages if p is not None)
    recall = mean(r for _, r, _ in pages)
    return Figures(_f1(precision, recall), precision, recall, mean(e for _, _, e in pages), len(pages))


def _by_snippets(examples: Sequence[TrainingExample], texts: Sequence[str]) -> Figures:
    found = leaked = wanted = 0
    for example, text in zip(examples, texts, strict=True):
        flat = " ".join(text.split())
        found += sum(" ".join(snippet.split()) in flat for snippet in example.row["with"])
        leaked += sum(" ".join(snippet.split()) in flat for snippet in example.row["without"])
        wanted += len(example.row["with"])
    precision, recall = found / max(1, found + leaked), found / max(1, wanted)
    return Figures(_f1(precision, recall), precision, recall, None, len(examples))


def compare(row: Mapping[str, Any], text: str) -> tuple[float | None, float, bool]:
    """Return precision (None without a text), recall, and whether the text equals the gold token by token."""
    if row.get("lists") == "omitted":
        text = "\n".join(line for line in text.splitlines() if not line.startswith((BULLET, "- ")))
    gold, got = _TOKEN.findall(row["body"]), _TOKEN.findall(text)
    a, b = _shingles(gold), _shingles(got)
    hit = sum((a & b).values())
    return (hit / sum(b.values()) if b else None), hit / max(1, sum(a.values())), gold == got


def _shingles(tokens: Sequence[str]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[i : i + _SHINGLE]) for i in range(max(1, len(tokens) - _SHINGLE + 1)) if tokens)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / max(1e-9, precision + recall)
