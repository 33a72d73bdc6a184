"""From scores to what stays of each page, and how good that is; languages in which the rules alone are better."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaners.model.block_model import Thresholds, average_list_scores
from cleaners.training.evaluation import Figures, score_texts, text_of
from cleaners.training.examples import SETS, TrainingExample

Scores = Sequence[NDArray[np.float64]]
RULES_ONLY = Thresholds(0.5, 1.1, 1.1)  # with scores that are 1 for what the rules keep
_FEWEST = 5  # pages of a language from which on its figures say anything
_HARM = 0.002  # F1 that the classifier may lose before its language goes back to the rules


def decide_blocks(example: TrainingExample, scores: NDArray[np.float64], thresholds: Thresholds) -> list[bool]:
    """Which segments stay."""
    whole = average_list_scores(
        scores.tolist(), example.list_groups, thresholds.undecided(example.labels, example.links)
    )
    return [thresholds.is_kept(*known) for known in zip(example.labels, whole, example.links, strict=True)]


def figures_of(examples: Sequence[TrainingExample], scores: Scores, thresholds: Thresholds) -> dict[str, Figures]:
    """The figures of each set that there is."""
    found = {}
    for name in SETS:
        if not any(example.set == name for example in examples):
            continue
        pairs = [(example, score) for example, score in zip(examples, scores, strict=True) if example.set == name]
        texts = [text_of(example, decide_blocks(example, score, thresholds)) for example, score in pairs]
        found[name] = score_texts([example for example, _ in pairs], texts)
    return found


def as_ruled(example: TrainingExample) -> NDArray[np.float64]:
    """Scores with which any thresholds decide as the rules did."""
    return np.array([1.0 if drop is None else 0.0 for drop in example.labels])


@dataclass(frozen=True, slots=True)
class LanguageFigures:
    """F1 on the wholly marked pages of one language (ISO 639-1, "" where pages say none): rules alone, and learned."""

    language: str
    pages: int
    rules: float
    learned: float

    @property
    def is_harmed(self) -> bool:
        """Whether the classifier takes from what the rules reach, on pages enough to say so."""
        return bool(self.language) and self.pages >= _FEWEST and self.learned < self.rules - _HARM


def by_language(examples: Sequence[TrainingExample], scores: Scores, thresholds: Thresholds) -> list[LanguageFigures]:
    """Each language of the news set, the one with most pages first."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, example in enumerate(examples):
        if example.set == "news":
            groups[example.language].append(index)
    found = []
    for language, indices in sorted(groups.items(), key=lambda item: -len(item[1])):
        members = [examples[index] for index in indices]
        ruled = figures_of(members, [as_ruled(example) for example in members], RULES_ONLY)["news"]
        learned = figures_of(members, [scores[index] for index in indices], thresholds)["news"]
        found.append(LanguageFigures(language, len(members), ruled.f1, learned.f1))
    return found
