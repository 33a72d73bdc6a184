"""What becomes of each page where the first reading is believed and where trafilatura is asked, and so of any rule between the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..classifier.features import READING_NAMES
from ..classifier.reading import is_asked
from .boost import READING, out_of_fold
from .decisions import Scores
from .examples import Example

ALWAYS, NEVER = 0.0, 2.0  # a doubt is 0..1


@dataclass(frozen=True, slots=True)
class Cascade:
    """Each page twice: with the first reading and its scores alone, and with trafilatura and the second model's scores."""

    alone: Sequence[Example]
    readings: Scores
    asking: Sequence[Example]
    scores: Scores

    def at(self, sure: float) -> tuple[list[Example], list[NDArray[np.float64]]]:
        """The pages and scores where trafilatura is asked about pages whose doubt is `sure` or more."""
        alone = zip(self.alone, self.readings, strict=True)
        asking = zip(self.asking, self.scores, strict=True)
        chosen = [one if one[0].doubt < sure else other for one, other in zip(alone, asking, strict=True)]
        return [example for example, _ in chosen], [scores for _, scores in chosen]

    def asked(self, sure: float, name: str) -> float:
        """The share of a set's pages about which trafilatura is asked."""
        return float(np.mean([page.doubt >= sure for page in self.alone if page.set == name]))


def first_readings(unread: Sequence[Example]) -> Scores:
    """The first readings of all pages, each by a model that saw no page of its outlet."""
    return as_read(unread, out_of_fold(unread, READING_NAMES, READING))


def as_read(unread: Sequence[Example], scores: Scores) -> Scores:
    """A model's scores as `classifier.reading.read` gives them."""
    return [np.where(is_asked(page.rows), found, 0.0) for page, found in zip(unread, scores, strict=True)]
