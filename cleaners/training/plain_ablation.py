"""What each mechanism of `clean_text` earns over the greedy extraction that it is given, by taking it out."""

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

_UNDECIDED = 0.3  # a score at which the line classifier leaves every rule as it is


def plain_table(corpus: Path, jobs: int) -> list[str]:
    """The lines of the table, in Markdown: precision and recall over the extraction, of rules alone and learned out of fold."""
    examples = read_lines_of(corpus, jobs)
    lines = ["| clean_text without | rules: P | R | learned: P | R |", "|---|---|---|---|---|"]
    for gone in (None, *LINE_RULES):
        less = [_without(example, gone) for example in examples] if gone else examples
        still = [np.full(len(example.lines), _UNDECIDED) for example in less]
        name = f"step: {gone.__name__}" if gone else "nothing"
        lines.append(
            f"| {name} | {_signed(gain(less, still))} | {_signed(gain(less, out_of_fold(less, LINE_FEATURE_NAMES, LINE_RECIPE)))} |"
        )
    return lines


def _without(example: LineExample, gone: LineRule) -> LineExample:
    language, _ = detect_language("\n".join(line.text for line in example.lines if line.is_prose))
    labels = label_lines(example.lines, language, [step for step in LINE_RULES if step is not gone])
    return replace(example, labels=tuple(labels), rows=line_features(example.lines, labels, language))


def _signed(figures: Sequence[float]) -> str:
    return " | ".join(f"{figure:+.4f}" for figure in figures)
