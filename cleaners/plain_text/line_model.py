"""The learned step for text without a page: a small boosted model that scores each line, 1 for the article's own."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from cleaners.document import LEARNED, Drop, Kind
from cleaners.model.boosted_trees import BoostedTrees, read_model
from cleaners.plain_text.line_features import LINE_FEATURE_NAMES, line_features

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.plain_text.lines import TextLine

LINE_MODEL_FILE = "lines.json"
# A kept line under the first goes; a first line that was taken for the headline comes back from the second on.
LINE_THRESHOLDS = (0.28, 0.5)
_DOUBTFUL = "text:first-line"


def score_lines(
    lines: Sequence[TextLine], labels: Sequence[Drop | None], language: str | None
) -> tuple[list[Drop | None], list[float]]:
    """The labels after the classifier, and its score of each line."""
    if not lines:
        return [], []
    model = load_line_model()
    scores = model.scores(line_features(lines, labels, language)).tolist()
    return [judge_line(drop, score, model.thresholds) for drop, score in zip(labels, scores, strict=True)], scores


def judge_line(drop: Drop | None, score: float, thresholds: Sequence[float] = LINE_THRESHOLDS) -> Drop | None:
    """What becomes of one line."""
    drop_below, overrule = thresholds
    if drop is None:
        return None if score >= drop_below else Drop(Kind.OTHER, LEARNED)
    return None if drop.rule.startswith(_DOUBTFUL) and score >= overrule else drop


@cache
def load_line_model() -> BoostedTrees:
    """The model that ships with the package, read on first use. Raises ModelError where it does not fit the code."""
    return read_model(
        files(__package__).joinpath(LINE_MODEL_FILE).read_bytes(), LINE_FEATURE_NAMES, file=LINE_MODEL_FILE
    )
