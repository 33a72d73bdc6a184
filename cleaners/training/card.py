"""Write the model card: training data, figures on publishers that the models never saw, and the features that count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cleaners.model.block_features import BLOCK_FEATURE_NAMES, FIRST_PASS_FEATURE_NAMES
from cleaners.model.block_model import BLOCK_MODEL_FILE, Thresholds
from cleaners.model.first_pass import FIRST_PASS_FILE, UNCERTAINTY_LIMIT
from cleaners.training.boost import BLOCK_RECIPE, FIRST_PASS_RECIPE, FOLDS, PARAMETERS, Recipe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from cleaners.training.decisions import LanguageFigures
    from cleaners.training.evaluation import Figures
    from cleaners.training.examples import TrainingExample

_UNLISTED = ("verbose", "num_threads", "deterministic", "force_row_wise")


@dataclass(frozen=True, slots=True)
class TrainingOutcome:
    """Hold the figures of each set, and those of news by language.

    `never` and `always` are the out-of-fold figures if trafilatura never or always runs. `uncertain` is the share of each
    set's pages on which it runs, out of fold and in sample. `ruled` are the languages that are left to the rules.
    """

    rules: Mapping[str, Figures]
    out_of_fold: Mapping[str, Figures]
    never: Mapping[str, Figures]
    always: Mapping[str, Figures]
    in_sample: Mapping[str, Figures]
    uncertain: Sequence[Sequence[float]]
    languages: Sequence[LanguageFigures]
    ruled: Sequence[str]


def write_card(
    file: Path,
    date: str,
    examples: Sequence[TrainingExample],
    booster: Any,
    thresholds: Thresholds,
    outcome: TrainingOutcome,
) -> None:
    """Write the card as Markdown, beside the models. `booster` is the block model."""
    rows = [
        ("rules alone", outcome.rules),
        ("out of fold", outcome.out_of_fold),
        ("out of fold, trafilatura never run", outcome.never),
        ("out of fold, trafilatura always run", outcome.always),
        ("in sample", outcome.in_sample),
    ]
    pages = Counter(example.set for example in examples)
    lines = [
        "# Model card: first pass and block model",
        "",
        f"Trained on {date} by `make train`. Boosted trees (LightGBM):",
        f"{_about(file, FIRST_PASS_FILE, FIRST_PASS_RECIPE, FIRST_PASS_FEATURE_NAMES)} for the first",
        f"pass, {_about(file, BLOCK_MODEL_FILE, BLOCK_RECIPE, BLOCK_FEATURE_NAMES)} for the block model.",
        "",
        f"The first pass scores every segment from the page alone. If its uncertainty is under {UNCERTAINTY_LIMIT:.0%} of the text that",
        "it selects, its scores decide. Otherwise trafilatura runs on all that the first pass does not rule out, and the block",
        "model scores, which also uses the output of trafilatura, of the rules and of the first pass. This is so for",
        f"{outcome.uncertain[0][0]:.0%} of the news and {outcome.uncertain[0][1]:.0%} of the other pages (in sample "
        f"{outcome.uncertain[1][0]:.0%} and {outcome.uncertain[1][1]:.0%}).",
        f"A score under {thresholds.drop} drops a line that the rules kept. One of {thresholds.keep} or more restores a line that was not",
        f"selected, one of {thresholds.overrule} or more also a line that a rule dropped.",
        "",
        f"Data: {pages['news']} recorded news pages with full gold texts, {pages['snippets']} pages with snippets, of",
        f"{len({e.group for e in examples})} publishers. Cross-validated in {FOLDS} folds that divide no publisher. A segment that is only",
        "partly in the gold text counts less; lists and quotes that the gold text merely leaves out do not count.",
        "",
        "| | news F1 | P | R | exact | snippets F1 | P | R |",
        "|---|---|---|---|---|---|---|---|",
        *(f"| {name} | {_row(found)} |" for name, found in rows),
        "",
        "News by the language that the pages declare, out of fold, compared with the rules alone. A language for which the model is",
        f"worse is left to the rules: {', '.join(outcome.ruled) or 'none today'}.",
        "",
        "| | pages | F1, rules | F1, model |",
        "|---|---|---|---|",
        *(
            f"| {row.language or 'none declared'} | {row.pages} | {row.rules:.4f} | {row.learned:.4f} |"
            for row in outcome.languages
        ),
        "",
        "The most important features of the block model (share of the gain): " + _gains(booster) + ".",
        "",
        f"Parameters: {_named(PARAMETERS.items())}.",
        f"First pass: {_named(sorted(FIRST_PASS_RECIPE.parameters.items() - PARAMETERS.items()))}.",
        "",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")


def _about(file: Path, name: str, recipe: Recipe, features: Sequence[str]) -> str:
    size = file.with_name(name).stat().st_size // 1000
    return f"{recipe.trees} trees, {len(features)} features, {size} kB of JSON"


def _named(parameters: Iterable[tuple[str, Any]]) -> str:
    return ", ".join(f"{name} {value}" for name, value in parameters if name not in _UNLISTED)


def _row(found: Mapping[str, Figures]) -> str:
    news, snippets = found["news"], found["snippets"]
    values = (news.f1, news.precision, news.recall, news.exact or 0, snippets.f1, snippets.precision, snippets.recall)
    return " | ".join(f"{value:.4f}" for value in values)


def _gains(booster: Any, count: int = 12) -> str:
    gains = np.asarray(booster.feature_importance("gain"), float)
    order = np.argsort(-gains)[:count]
    return ", ".join(f"{BLOCK_FEATURE_NAMES[index]} {gains[index] / gains.sum():.2f}" for index in order)
