"""What each mechanism of `clean_text` earns over the greedy extraction that it is given, by taking it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..language import detect_language
from ..plain.features import NAMES, features
from ..plain.steps import STEPS, Step, label_lines
from .boost import LINES, out_of_fold
from .lines import LineExample, gain, read_lines_of

_UNDECIDED = 0.3  # a score at which the line classifier leaves every rule as it is


def plain_table(corpus: Path, jobs: int) -> list[str]:
    """The lines of the table, in Markdown: precision and recall over the extraction, of rules alone and learned out of fold."""
    examples = read_lines_of(corpus, jobs)
    lines = ["| clean_text without | rules: P | R | learned: P | R |", "|---|---|---|---|---|"]
    for gone in (None, *STEPS):
        less = [_without(example, gone) for example in examples] if gone else examples
        still = [np.full(len(example.lines), _UNDECIDED) for example in less]
        name = f"step: {gone.__name__}" if gone else "nothing"
        lines.append(
            f"| {name} | {_signed(gain(less, still))} | {_signed(gain(less, out_of_fold(less, NAMES, LINES)))} |"
        )
    return lines


def _without(example: LineExample, gone: Step) -> LineExample:
    language, _ = detect_language("\n".join(line.text for line in example.lines if line.is_prose))
    labels = label_lines(example.lines, language, [step for step in STEPS if step is not gone])
    return replace(example, labels=tuple(labels), rows=features(example.lines, labels, language))


def _signed(figures: Sequence[float]) -> str:
    return " | ".join(f"{figure:+.4f}" for figure in figures)
