"""The learned step: a small gradient-boosted model that scores each segment, 1 for the article's own, 0 for clutter.

There are two: the first reading, which knows the page alone, and where that is in doubt a second, which also knows what the rules,
trafilatura and the first reading say. A chosen line that is scored low is dropped; what the witnesses lost or a rule took comes
back where it is scored high. What a rule is sure of (a phrase, the headline, the site profile) is left alone, and a line that is
all link never comes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleaners.document import LEARNED, Drop, Kind
from cleaners.html.segment import LINK
from cleaners.model.block_features import BLOCK_FEATURE_NAMES, block_features
from cleaners.model.boosted_trees import BoostedTrees
from cleaners.model.boosted_trees import load_packaged_model as _load
from cleaners.rules.known_phrases import known_phrases
from cleaners.text.language import base_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.selection.page_context import PageContext
    from cleaners.selection.signals import Signals

BLOCK_MODEL_FILE = "blocks.json"

_FIRM = ("phrase:", "headline:title", "profile:", "repeats:copy", "byline:", "boxes:")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores that decide: under `drop` a kept line goes; from `keep` on one that no witness chose comes back, from `overrule` on
    one that a rule dropped.
    """

    drop: float
    keep: float
    overrule: float

    def is_kept(self, drop: Drop | None, score: float, link_density: float) -> bool:
        """Whether a segment is the article's, after what the rules said of it."""
        if drop is None:
            return score >= self.drop
        if not self.may_overrule(drop, link_density):
            return False
        return score >= (self.keep if drop.rule == "not-selected" else self.overrule)

    @staticmethod
    def may_overrule(drop: Drop, link_density: float) -> bool:
        """Whether a score may bring back what the rules dropped so."""
        return link_density < LINK and not drop.rule.startswith(_FIRM)

    @staticmethod
    def undecided(labels: Sequence[Drop | None], links: Sequence[float]) -> list[int]:
        """The segments for which the score decides; `links` are their link densities."""
        pairs = enumerate(zip(labels, links, strict=True))
        return [index for index, (drop, link) in pairs if drop is None or Thresholds.may_overrule(drop, link)]


def label_by_model(
    context: PageContext, signals: Signals, labels: Sequence[Drop | None]
) -> tuple[list[Drop | None], list[float]]:
    """The labels after the classifier, and its score of each segment."""
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
    own = {segment.text for segment, drop in zip(segments, labels, strict=True) if drop is None}
    decided: list[Drop | None] = []
    for index, (drop, score) in enumerate(zip(labels, scores, strict=True)):
        segment = segments[index]
        stays = thresholds.is_kept(drop, score, segment.link_density) and not (drop and segment.text in own)
        decided.append(None if stays else drop or Drop(_kind(context, index), LEARNED))
    back = [index for index, (drop, before) in enumerate(zip(decided, labels, strict=True)) if before and not drop]
    for index, drop in known_phrases(context, labels, back).items():
        decided[index] = drop
    return decided, scores


def average_list_scores(
    scores: list[float], list_groups: Sequence[Sequence[int]], undecided: Sequence[int]
) -> list[float]:
    """Scores where the undecided items of one list, or rows of one table, have their mean: a list stands or falls as a whole."""
    open_ones = set(undecided)
    for whole in list_groups:
        members = [index for index in whole if index in open_ones]
        for index, mean in zip(
            members, [sum(scores[i] for i in members) / max(1, len(members))] * len(members), strict=True
        ):
            scores[index] = mean
    return scores


def load_block_model() -> BoostedTrees:
    """The model that ships with the package, read on first use. Raises ModelError where it does not fit the code."""
    return _load(__package__, BLOCK_MODEL_FILE, BLOCK_FEATURE_NAMES)


def _kind(context: PageContext, index: int) -> Kind:
    segment = context.segments[index]
    if segment.hint is not None:
        return segment.hint.kind
    return Kind.RELATED_LINK if segment.link_density > 0.5 else Kind.OTHER
