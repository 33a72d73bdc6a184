"""Turn scores into kept segments, measure them, and find the languages in which the rules alone are better."""

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
RULES_ONLY = Thresholds(0.5, 1.1, 1.1)  # for the scores of `as_ruled`
_FEWEST = 5  # pages of a language needed to judge it
_HARM = 0.002  # F1 that the model may lose before a language is left to the rules


def decide_blocks(example: TrainingExample, scores: NDArray[np.float64], thresholds: Thresholds) -> list[bool]:
    """Return for each segment whether it is kept."""
    whole = average_list_scores(
        scores.tolist(), example.list_groups, thresholds.undecided(example.labels, example.links)
    )
    return [thresholds.is_kept(*known) for known in zip(example.labels, whole, example.links, strict=True)]


def figures_of(examples: Sequence[TrainingExample], scores: Scores, thresholds: Thresholds) -> dict[str, Figures]:
    """Measure each set that has examples."""
    found = {}
    for name in SETS:
        if not any(example.set == name for example in examples):
            continue
        pairs = [(example, score) for example, score in zip(examples, scores, strict=True) if example.set == name]
        texts = [text_of(example, decide_blocks(example, score, thresholds)) for example, score in pairs]
        found[name] = score_texts([example for example, _ in pairs], texts)
    return found


def as_ruled(example: TrainingExample) -> NDArray[np.float64]:
    """Return scores with which any thresholds decide as the rules did."""
    return np.array([1.0 if drop is None else 0.0 for drop in example.labels])


@dataclass(frozen=True, slots=True)
class LanguageFigures:
    """Hold F1 on the news pages of one language (ISO 639-1, or "" if undeclared): by the rules alone, and by the model."""

    language: str
    pages: int
    rules: float
    learned: float

    @property
    def is_harmed(self) -> bool:
        """Tell whether the model is worse than the rules, on enough pages to judge."""
        return bool(self.language) and self.pages >= _FEWEST and self.learned < self.rules - _HARM


def by_language(examples: Sequence[TrainingExample], scores: Scores, thresholds: Thresholds) -> list[LanguageFigures]:
    """Measure each language of the news set, the one with most pages first."""
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
