"""Run the first pass: a small model scores each segment from the page alone, and tells how uncertain it is.

On most pages it is as good as all signals together, in a third of the time. trafilatura runs only if it is uncertain.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np

from cleaners.accept import is_long_enough
from cleaners.html.segment import LINK, Segment
from cleaners.model.block_features import FIRST_PASS_FEATURE_NAMES, first_pass_features
from cleaners.model.boosted_trees import Array, BoostedTrees, load_packaged_model
from cleaners.rules import apply_rules
from cleaners.rules.headline import headline
from cleaners.rules.hinted_elements import hinted_elements
from cleaners.rules.site_profile import site_profile_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cleaners.html.node import Node
    from cleaners.selection.page_context import PageContext

FIRST_PASS_FILE = "first_pass.json"

UNCERTAINTY_LIMIT = 0.05  # least uncertainty of a page for which trafilatura runs; chosen by cross-validation
_INDEPENDENT_RULES = (site_profile_rules, headline, hinted_elements)  # rules that do not need a selection
_MIN_ERROR = 0.1  # a segment with a smaller chance of error does not count as uncertain
_LINK_DENSITY = FIRST_PASS_FEATURE_NAMES.index("link_density")
_CORE_SHARE = 0.75  # least share of the page's prose that its core element holds


def seed_selection(segments: Sequence[Segment]) -> list[bool]:
    """Guess the article's segments before anything is scored.

    They are the prose outside elements with a hint of clutter, in the innermost element that holds most of it.
    """
    is_prose = [segment.prose and segment.hint is None for segment in segments]
    weights: defaultdict[Node, int] = defaultdict(int)
    for segment in compress(segments, is_prose):
        for around in segment.node.climb():
            weights[around] += segment.weight
    least = _CORE_SHARE * max(weights.values(), default=0)
    core = max((node for node, weight in weights.items() if weight >= least), key=lambda node: node.depth, default=None)
    return [prose and any(node is core for node in s.node.climb()) for prose, s in zip(is_prose, segments, strict=True)]


def first_pass_rows(context: PageContext, article_body: Sequence[float]) -> Array:
    """Return the features of each segment of a page whose `chosen` is the seed selection; for `article_body` see `Signals`."""
    return first_pass_features(context, article_body, apply_rules(context, _INDEPENDENT_RULES))


def score_segments(context: PageContext, article_body: Sequence[float]) -> list[float]:
    """Return the score of each segment, 0..1; links score 0."""
    if not context.segments:
        return []
    rows = first_pass_rows(context, article_body)
    mask = is_scored(rows)
    scores = np.zeros(len(rows))
    if mask.any():
        scores[mask] = load_first_pass().scores(rows[mask])
    found: list[float] = scores.tolist()
    return found


def is_scored(rows: Array) -> NDArray[np.bool_]:
    """Tell for each row whether the model scores it; all others are links."""
    mask: NDArray[np.bool_] = rows[:, _LINK_DENSITY] < LINK
    return mask


def uncertainty(segments: Sequence[Segment], scores: Sequence[float]) -> float:
    """Return how much text is uncertain, as a share of the article's text; 1 if there is too little for an article.

    A segment's uncertain text is its weight times the chance of error, unless that chance is small.
    """
    article = uncertain = 0.0
    for segment, score in zip(segments, scores, strict=True):
        article += segment.weight * score
        if (error := min(score, 1 - score)) > _MIN_ERROR:
            uncertain += segment.weight * error
    return uncertain / article if is_long_enough(article) else 1.0


def load_first_pass() -> BoostedTrees:
    """Load the model that ships with the package, once. Raises ModelError if it does not fit the code."""
    return load_packaged_model(__package__, FIRST_PASS_FILE, FIRST_PASS_FEATURE_NAMES)
