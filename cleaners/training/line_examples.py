"""Turn greedy extractions of recorded pages into training rows for the line model."""

from __future__ import annotations

import gzip
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING, Any

import numpy as np

from cleaners.plain_text.line_features import line_features
from cleaners.plain_text.line_model import LINE_THRESHOLDS, judge_line
from cleaners.plain_text.line_rules import label_lines
from cleaners.plain_text.lines import TextLine, join_lines, read_lines
from cleaners.selection.alignment import align_texts
from cleaners.text.language import detect_language
from cleaners.training.evaluation import compare
from cleaners.training.examples import SETS, SNIPPET_WEIGHT, group_of, holds_snippet, index_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from cleaners.document import Drop
    from cleaners.model.boosted_trees import Array


@dataclass(frozen=True, slots=True)
class LineExample:
    """Hold one page's greedy extraction. `truth` is 1 or 0 and counts with `weight` (0: unknown)."""

    id: str
    set: str
    group: str
    row: Mapping[str, Any]
    text: str
    lines: tuple[TextLine, ...]
    labels: tuple[Drop | None, ...]
    rows: Array
    truth: NDArray[np.float32]
    weight: NDArray[np.float32]


def read_lines_of(corpus: Path, jobs: int = 2) -> list[LineExample]:
    """Read all pages of the corpus as trafilatura extracts them in recall mode, with comments and tables."""
    work = [(corpus, name, row) for name in SETS for row in index_of(corpus / name)]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(_example, work, chunksize=8))


def _example(work: tuple[Path, str, dict[str, Any]]) -> LineExample:
    from trafilatura import extract

    corpus, name, row = work
    html = gzip.decompress((corpus / name / "html" / f"{row['id']}.html.gz").read_bytes())
    text = extract(html, url=row["url"] or None, favor_recall=True, include_comments=True, include_tables=True) or ""
    lines = read_lines(text)
    language, _ = detect_language("\n".join(line.text for line in lines if line.is_prose))
    labels = label_lines(lines, language)
    truth, weight = _truth(lines, row) if name == "news" else _snippets(lines, row)
    rows = line_features(lines, labels, language)
    return LineExample(row["id"], name, group_of(row), row, text, tuple(lines), tuple(labels), rows, truth, weight)


def _truth(lines: Sequence[TextLine], row: Mapping[str, Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return truth and weight as for segments: parts count less, and lists that the gold leaves out do not count."""
    share = np.asarray(align_texts([line.text for line in lines], row["body"].split("\n")), np.float32)
    truth = (share >= 0.5).astype(np.float32)
    weight = np.where((share > 0.2) & (share < 0.8), 0.3, 1.0).astype(np.float32)
    own = np.flatnonzero(truth).tolist()
    if not own:
        return truth, np.zeros_like(weight)
    if not any(lines[index].is_item for index in own):
        for index in range(own[0], own[-1]):
            if not truth[index] and lines[index].is_item and len(lines[index].text) > 25:
                weight[index] = 0
    return truth, weight


def _snippets(lines: Sequence[TextLine], row: Mapping[str, Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    flat = [" ".join(line.text.split()) for line in lines]
    truth = np.array([holds_snippet(text, row["with"]) for text in flat], np.float32)
    wrong = np.array([holds_snippet(text, row["without"]) for text in flat], np.float32)
    return truth, SNIPPET_WEIGHT * np.maximum(truth, wrong).astype(np.float32)


def gain(examples: Sequence[LineExample], scores: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """Return what cleaning adds to precision and recall of the greedy extraction, on news pages."""
    before, after = [], []
    for example, score in zip(examples, scores, strict=True):
        if example.set == "news":
            labels = [judge_line(*pair, LINE_THRESHOLDS) for pair in zip(example.labels, score.tolist(), strict=True)]
            before.append(compare(example.row, example.text))
            after.append(compare(example.row, join_lines(example.lines, labels)))
    precision = mean(p for p, _, _ in after if p is not None) - mean(p for p, _, _ in before if p is not None)
    return precision, mean(r for _, r, _ in after) - mean(r for _, r, _ in before)
