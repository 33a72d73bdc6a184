"""The first reading: a small model's score of each segment, from the page alone, and how much of the page it doubts.

On most pages it is as good as all witnesses together, for a third of the time. Where it doubts, trafilatura is asked.
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

_KNOW_NOTHING = (site_profile_rules, headline, hinted_elements)  # the steps that need not know what is the article
UNCERTAINTY_LIMIT = 0.05  # the doubt of a page from which on trafilatura is asked; chosen by the cross-validation
_OPEN = 0.1  # the chance to be wrong from which on a segment adds to the doubt
_LINK_DENSITY = FIRST_PASS_FEATURE_NAMES.index("link_density")
_MOST = 0.75  # share of the page's prose


def seed_selection(segments: Sequence[Segment]) -> list[bool]:
    """What stands in for the choice before there is one: running text outside all hints of clutter, in the innermost element that
    holds most of it.
    """
    prose = [segment.prose and segment.hint is None for segment in segments]
    held: defaultdict[Node, int] = defaultdict(int)
    for segment in compress(segments, prose):
        for around in segment.node.climb():
            held[around] += segment.weight
    least = _MOST * max(held.values(), default=0)
    core = max((node for node, weight in held.items() if weight >= least), key=lambda node: node.depth, default=None)
    return [one and any(node is core for node in s.node.climb()) for one, s in zip(prose, segments, strict=True)]


def first_pass_rows(context: PageContext, article_body: Sequence[float]) -> Array:
    """The features of each segment of a page whose `chosen` is `may_be_article`; `article_body` is as in Testimony."""
    return first_pass_features(context, article_body, apply_rules(context, _KNOW_NOTHING))


def score_segments(context: PageContext, article_body: Sequence[float]) -> list[float]:
    """The score of each segment, 0..1."""
    if not context.segments:
        return []
    rows = first_pass_rows(context, article_body)
    open_ones = is_scored(rows)
    scores = np.zeros(len(rows))
    if open_ones.any():
        scores[open_ones] = load_first_pass().scores(rows[open_ones])
    found: list[float] = scores.tolist()
    return found


def is_scored(rows: Array) -> NDArray[np.bool_]:
    """Which of these rows are scored; all others are links, and score 0."""
    asked: NDArray[np.bool_] = rows[:, _LINK_DENSITY] < LINK
    return asked


def uncertainty(segments: Sequence[Segment], scores: Sequence[float]) -> float:
    """How much text the reading leaves open, as a share of what it finds; 1 where it finds next to nothing.

    What a segment leaves open is its weight times the chance that it is judged wrongly, where that is no small one.
    """
    found = left_open = 0.0
    for segment, score in zip(segments, scores, strict=True):
        found += segment.weight * score
        if (wrong := min(score, 1 - score)) > _OPEN:
            left_open += segment.weight * wrong
    return left_open / found if is_long_enough(found) else 1.0


def load_first_pass() -> BoostedTrees:
    """The model that ships with the package, read on first use. Raises ModelError where it does not fit the code."""
    return load_packaged_model(__package__, FIRST_PASS_FILE, FIRST_PASS_FEATURE_NAMES)
