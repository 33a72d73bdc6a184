"""Measure what each rule of `clean_text` adds to a greedy extraction by removing it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cleaners.plain_text.line_features import LINE_FEATURE_NAMES, line_features
from cleaners.plain_text.line_rules import LINE_RULES, LineRule, label_lines
from cleaners.text.language import detect_language
from cleaners.training.boost import LINE_RECIPE, out_of_fold
from cleaners.training.line_examples import LineExample, gain, read_lines_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_UNDECIDED = 0.3  # a score with which the line model changes nothing


def plain_table(corpus: Path, jobs: int) -> list[str]:
    """Return a Markdown table of the gain in precision and recall, by the rules alone and by the model out of fold."""
    examples = read_lines_of(corpus, jobs)
    lines = ["| clean_text without | rules: P | R | model: P | R |", "|---|---|---|---|---|"]
    for removed in (None, *LINE_RULES):
        less = [_without(example, removed) for example in examples] if removed else examples
        neutral = [np.full(len(example.lines), _UNDECIDED) for example in less]
        name = f"rule: {removed.__name__}" if removed else "nothing"
        lines.append(
            f"| {name} | {_signed(gain(less, neutral))} | {_signed(gain(less, out_of_fold(less, LINE_FEATURE_NAMES, LINE_RECIPE)))} |"
        )
    return lines


def _without(example: LineExample, removed: LineRule) -> LineExample:
    language, _ = detect_language("\n".join(line.text for line in example.lines if line.is_prose))
    labels = label_lines(example.lines, language, [rule for rule in LINE_RULES if rule is not removed])
    return replace(example, labels=tuple(labels), rows=line_features(example.lines, labels, language))


def _signed(figures: Sequence[float]) -> str:
    return " | ".join(f"{figure:+.4f}" for figure in figures)
