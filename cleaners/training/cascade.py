"""What becomes of each page where the first reading is believed and where trafilatura is asked, and so of any rule between the two."""

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

ALWAYS, NEVER = 0.0, 2.0  # a doubt is 0..1


@dataclass(frozen=True, slots=True)
class Cascade:
    """Each page twice: with the first reading and its scores alone, and with trafilatura and the second model's scores."""

    alone: Sequence[TrainingExample]
    readings: Scores
    asking: Sequence[TrainingExample]
    scores: Scores

    def at(self, sure: float) -> tuple[list[TrainingExample], list[NDArray[np.float64]]]:
        """The pages and scores where trafilatura is asked about pages whose doubt is `sure` or more."""
        alone = zip(self.alone, self.readings, strict=True)
        asking = zip(self.asking, self.scores, strict=True)
        chosen = [one if one[0].doubt < sure else other for one, other in zip(alone, asking, strict=True)]
        return [example for example, _ in chosen], [scores for _, scores in chosen]

    def asked(self, sure: float, name: str) -> float:
        """The share of a set's pages about which trafilatura is asked."""
        return float(np.mean([page.doubt >= sure for page in self.alone if page.set == name]))


def first_pass_scores(unread: Sequence[TrainingExample]) -> Scores:
    """The first readings of all pages, each by a model that saw no page of its outlet."""
    return decide_by_cascade(unread, out_of_fold(unread, FIRST_PASS_FEATURE_NAMES, FIRST_PASS_RECIPE))


def decide_by_cascade(unread: Sequence[TrainingExample], scores: Scores) -> Scores:
    """A model's scores as `classifier.reading.read` gives them."""
    return [np.where(is_scored(page.rows), found, 0.0) for page, found in zip(unread, scores, strict=True)]
