"""Correct the rules' labels by a model's score of each segment, from 0 for clutter to 1 for article.

If the first pass is certain, its scores decide. Otherwise the block model decides, which also sees trafilatura's
extraction, the rules and the first pass. A kept segment with a low score is dropped. A segment that was not selected, or
that a rule dropped, is restored if its score is high. Drops by certain rules (a phrase, the headline, the site profile)
always stay, and so do those of links.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleaners.document import LEARNED, Drop, Kind
from cleaners.html.segment import LINK
from cleaners.model.block_features import BLOCK_FEATURE_NAMES, block_features
from cleaners.model.boosted_trees import BoostedTrees, load_packaged_model
from cleaners.rules.known_phrases import known_phrases
from cleaners.text.language import base_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.selection.page_context import PageContext
    from cleaners.selection.signals import Signals

BLOCK_MODEL_FILE = "blocks.json"

# Rules (by prefix) whose drops no score may overrule; `block_features` has a shorter list, as the models were trained.
_FIRM = ("phrase:", "headline:title", "profile:", "repeats:copy", "byline:", "boxes:")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Hold the deciding scores.

    A kept segment below `drop` is dropped. A segment that was not selected is restored from `keep` on, and one that a
    rule dropped from `overrule` on.
    """

    drop: float
    keep: float
    overrule: float

    def is_kept(self, drop: Drop | None, score: float, link_density: float) -> bool:
        """Tell whether a segment with this label of the rules and this score is kept."""
        if drop is None:
            return score >= self.drop
        if not self.may_overrule(drop, link_density):
            return False
        return score >= (self.keep if drop.rule == "not-selected" else self.overrule)

    @staticmethod
    def may_overrule(drop: Drop, link_density: float) -> bool:
        """Tell whether a score may restore a segment that the rules dropped so."""
        return link_density < LINK and not drop.rule.startswith(_FIRM)

    @staticmethod
    def undecided(labels: Sequence[Drop | None], links: Sequence[float]) -> list[int]:
        """Return the indices of the segments for which the score decides; `links` are the link densities of all."""
        pairs = enumerate(zip(labels, links, strict=True))
        return [index for index, (drop, link) in pairs if drop is None or Thresholds.may_overrule(drop, link)]


def label_by_model(
    context: PageContext, signals: Signals, labels: Sequence[Drop | None]
) -> tuple[list[Drop | None], list[float]]:
    """Return the labels after the model's corrections, and its score of each segment."""
    if not context.segments:
        return list(labels), []
    model = load_block_model()
    thresholds = Thresholds(*model.thresholds)
    links = [segment.link_density for segment in context.segments]
    undecided = thresholds.undecided(labels, links)
    scores = [0.0] * len(labels)
    if signals.extraction is None:
        found = [signals.first_pass[index] for index in undecided]
    else:
        found = model.scores(block_features(context, signals, labels)[undecided]).tolist()
    for index, score in zip(undecided, found, strict=True):
        scores[index] = score
    scores = average_list_scores(scores, context.list_groups, undecided)
    if base_language(context.metadata.language) in model.rules_only_languages:
        return list(labels), scores
    segments = context.segments
    kept_texts = {segment.text for segment, drop in zip(segments, labels, strict=True) if drop is None}
    decided: list[Drop | None] = []
    for index, (drop, score) in enumerate(zip(labels, scores, strict=True)):
        segment = segments[index]
        is_kept = thresholds.is_kept(drop, score, segment.link_density) and not (drop and segment.text in kept_texts)
        decided.append(None if is_kept else drop or Drop(_kind(context, index), LEARNED))
    restored = [index for index, (drop, before) in enumerate(zip(decided, labels, strict=True)) if before and not drop]
    for index, drop in known_phrases(context, labels, restored).items():
        decided[index] = drop
    return decided, scores


def average_list_scores(
    scores: list[float], list_groups: Sequence[Sequence[int]], undecided: Sequence[int]
) -> list[float]:
    """Give the undecided items of one list, or rows of one table, their mean score: a list is kept or dropped as a whole.

    Changes `scores` and returns it.
    """
    undecided_set = set(undecided)
    for group in list_groups:
        members = [index for index in group if index in undecided_set]
        if members:
            mean = sum(scores[index] for index in members) / len(members)
            for index in members:
                scores[index] = mean
    return scores


def load_block_model() -> BoostedTrees:
    """Load the model that ships with the package, once. Raises ModelError if it does not fit the code."""
    return load_packaged_model(__package__, BLOCK_MODEL_FILE, BLOCK_FEATURE_NAMES)


def _kind(context: PageContext, index: int) -> Kind:
    segment = context.segments[index]
    if segment.hint is not None:
        return segment.hint.kind
    return Kind.RELATED_LINK if segment.link_density > 0.5 else Kind.OTHER
