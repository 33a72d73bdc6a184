"""Score each line of a text without a page with a small boosted model: 1 means that it belongs to the article."""

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
# A kept line is dropped below the first; a first line that was dropped as the headline is kept from the second on.
LINE_THRESHOLDS = (0.28, 0.5)
_UNCERTAIN_RULE = "text:first-line"


def score_lines(
    lines: Sequence[TextLine], labels: Sequence[Drop | None], language: str | None
) -> tuple[list[Drop | None], list[float]]:
    """Return the drops after the model, and its score of each line."""
    if not lines:
        return [], []
    model = load_line_model()
    scores = model.scores(line_features(lines, labels, language)).tolist()
    return [judge_line(drop, score, model.thresholds) for drop, score in zip(labels, scores, strict=True)], scores


def judge_line(drop: Drop | None, score: float, thresholds: Sequence[float] = LINE_THRESHOLDS) -> Drop | None:
    """Return the drop of one line after the model, or None if it is kept."""
    drop_below, overrule = thresholds
    if drop is None:
        return None if score >= drop_below else Drop(Kind.OTHER, LEARNED)
    return None if drop.rule.startswith(_UNCERTAIN_RULE) and score >= overrule else drop


@cache
def load_line_model() -> BoostedTrees:
    """Load the model that ships with the package, once. Raises ModelError if it does not fit the code."""
    return read_model(
        files(__package__).joinpath(LINE_MODEL_FILE).read_bytes(), LINE_FEATURE_NAMES, file=LINE_MODEL_FILE
    )
