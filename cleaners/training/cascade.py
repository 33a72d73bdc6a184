"""Evaluate the cascade: each page by the first pass alone and with trafilatura, and so at any uncertainty limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cleaners.model.block_features import FIRST_PASS_FEATURE_NAMES
from cleaners.model.first_pass import is_scored
from cleaners.training.boost import FIRST_PASS_RECIPE, out_of_fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cleaners.training.decisions import Scores
    from cleaners.training.examples import TrainingExample

ALWAYS, NEVER = 0.0, 2.0  # limits; an uncertainty is 0 to 1


@dataclass(frozen=True, slots=True)
class Cascade:
    """Hold each page twice: with the scores of the first pass, and with trafilatura and the scores of the block model."""

    certain: Sequence[TrainingExample]
    first_scores: Scores
    uncertain: Sequence[TrainingExample]
    scores: Scores

    def at(self, limit: float) -> tuple[list[TrainingExample], list[NDArray[np.float64]]]:
        """Return the pages and scores if trafilatura runs on pages with an uncertainty of `limit` or more."""
        certain = zip(self.certain, self.first_scores, strict=True)
        uncertain = zip(self.uncertain, self.scores, strict=True)
        chosen = [one if one[0].uncertainty < limit else other for one, other in zip(certain, uncertain, strict=True)]
        return [example for example, _ in chosen], [scores for _, scores in chosen]

    def uncertain_share(self, limit: float, name: str) -> float:
        """Return the share of a set's pages on which trafilatura runs."""
        return float(np.mean([page.uncertainty >= limit for page in self.certain if page.set == name]))


def first_pass_scores(unscored: Sequence[TrainingExample]) -> Scores:
    """Return the first-pass scores of all pages, each by a model that saw no page of its publisher."""
    return mask_unscored(unscored, out_of_fold(unscored, FIRST_PASS_FEATURE_NAMES, FIRST_PASS_RECIPE))


def mask_unscored(unscored: Sequence[TrainingExample], scores: Scores) -> Scores:
    """Return a model's scores as `score_segments` does: 0 for segments that the first pass does not score."""
    return [np.where(is_scored(page.rows), found, 0.0) for page, found in zip(unscored, scores, strict=True)]
