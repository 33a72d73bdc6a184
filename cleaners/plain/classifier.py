"""The learned step for text without a page: a small boosted model that scores each line, 1 for the article's own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from ..blocks import LEARNED, Drop, Kind
from ..classifier.model import Model, read_model
from .features import NAMES, features
from .lines import Line

FILE = "lines.json"
# A kept line under the first goes; a first line that was taken for the headline comes back from the second on.
THRESHOLDS = (0.28, 0.5)
_DOUBTFUL = "text:first-line"


def learned(
    lines: Sequence[Line], labels: Sequence[Drop | None], language: str | None
) -> tuple[list[Drop | None], list[float]]:
    """The labels after the classifier, and its score of each line."""
    if not lines:
        return [], []
    model = load_model()
    scores = model.scores(features(lines, labels, language)).tolist()
    return [decide(drop, score, model.thresholds) for drop, score in zip(labels, scores, strict=True)], scores


def decide(drop: Drop | None, score: float, thresholds: Sequence[float] = THRESHOLDS) -> Drop | None:
    """What becomes of one line."""
    drop_below, overrule = thresholds
    if drop is None:
        return None if score >= drop_below else Drop(Kind.OTHER, LEARNED)
    return None if drop.rule.startswith(_DOUBTFUL) and score >= overrule else drop


@cache
def load_model() -> Model:
    """The model that ships with the package, read on first use. Raises ModelError where it does not fit the code."""
    return read_model(files(__package__).joinpath(FILE).read_bytes(), NAMES, file=FILE)
