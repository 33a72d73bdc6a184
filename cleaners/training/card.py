"""The model card: what the model was made of, how good it is on outlets it never saw, and what each group of features earns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cleaners.model.block_features import BLOCK_FEATURE_NAMES, FIRST_PASS_FEATURE_NAMES
from cleaners.model.block_model import BLOCK_MODEL_FILE, Thresholds
from cleaners.model.first_pass import FIRST_PASS_FILE as READING_FILE
from cleaners.model.first_pass import UNCERTAINTY_LIMIT
from cleaners.training.boost import BLOCK_RECIPE, FIRST_PASS_RECIPE, FOLDS, PARAMETERS, Recipe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from cleaners.training.decisions import LanguageFigures
    from cleaners.training.evaluation import Figures
    from cleaners.training.examples import TrainingExample

_QUIET = ("verbose", "num_threads", "deterministic", "force_row_wise")


@dataclass(frozen=True, slots=True)
class TrainingOutcome:
    """Figures of each set, and of news by language; `never` and `always` are out of fold where trafilatura is so asked, `asked` the
    share of each set's pages about which it is, out of fold and in sample; `ruled` are the languages that are left to the rules.
    """

    rules: Mapping[str, Figures]
    out_of_fold: Mapping[str, Figures]
    never: Mapping[str, Figures]
    always: Mapping[str, Figures]
    in_sample: Mapping[str, Figures]
    asked: Sequence[Sequence[float]]
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
    """Write the card as Markdown; the models stand beside it. `booster` is the second."""
    rows = [
        ("rules alone", outcome.rules),
        ("out of fold", outcome.out_of_fold),
        ("out of fold, trafilatura never asked", outcome.never),
        ("out of fold, trafilatura always asked", outcome.always),
        ("in sample", outcome.in_sample),
    ]
    pages = Counter(example.set for example in examples)
    lines = [
        "# Model card: first reading and block classifier",
        "",
        f"Made on {date} by `make train`. Boosted trees (LightGBM):",
        f"{_about(file, READING_FILE, FIRST_PASS_RECIPE, FIRST_PASS_FEATURE_NAMES)} for the first",
        f"reading, {_about(file, BLOCK_MODEL_FILE, BLOCK_RECIPE, BLOCK_FEATURE_NAMES)} for the second model.",
        "",
        f"The first reading sees the page alone. Where what it leaves open is under {UNCERTAINTY_LIMIT:.0%} of the text it finds, its",
        "scores decide; else trafilatura is asked about all but what it rules out, and the second model scores, which also",
        "knows what that, the rules and the first reading say. So it is for",
        f"{outcome.asked[0][0]:.0%} of the news and {outcome.asked[0][1]:.0%} of the other pages (in sample "
        f"{outcome.asked[1][0]:.0%} and {outcome.asked[1][1]:.0%}).",
        f"A score under {thresholds.drop} drops a line that the rules kept; one of {thresholds.keep} or more brings back a line that no",
        f"witness chose, one of {thresholds.overrule} or more also a line that a rule dropped.",
        "",
        f"Data: {pages['news']} recorded news pages with whole gold, {pages['snippets']} pages with snippets, of",
        f"{len({e.group for e in examples})} outlets. Cross-validated in {FOLDS} folds that divide no outlet. A segment of which the gold",
        "holds a part counts less; lists and quotes that a gold merely leaves out count nothing.",
        "",
        "| | news F1 | P | R | exact | snippets F1 | P | R |",
        "|---|---|---|---|---|---|---|---|",
        *(f"| {name} | {_row(found)} |" for name, found in rows),
        "",
        "News by language, as the pages name it, out of fold, against the rules alone. A language that the classifier harms is left",
        f"to the rules: {', '.join(outcome.ruled) or 'none today'}.",
        "",
        "| | pages | F1, rules | F1, classifier |",
        "|---|---|---|---|",
        *(
            f"| {row.language or 'not named'} | {row.pages} | {row.rules:.4f} | {row.learned:.4f} |"
            for row in outcome.languages
        ),
        "",
        "What counts most for the second model (share of the gain): " + _gains(booster) + ".",
        "",
        f"Parameters: {_named(PARAMETERS.items())}.",
        f"First reading: {_named(sorted(FIRST_PASS_RECIPE.parameters.items() - PARAMETERS.items()))}.",
        "",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")


def _about(file: Path, name: str, recipe: Recipe, features: Sequence[str]) -> str:
    size = file.with_name(name).stat().st_size // 1000
    return f"{recipe.trees} trees, {len(features)} features, {size} kB of JSON"


def _named(parameters: Iterable[tuple[str, Any]]) -> str:
    return ", ".join(f"{name} {value}" for name, value in parameters if name not in _QUIET)


def _row(found: Mapping[str, Figures]) -> str:
    news, snippets = found["news"], found["snippets"]
    values = (news.f1, news.precision, news.recall, news.exact or 0, snippets.f1, snippets.precision, snippets.recall)
    return " | ".join(f"{value:.4f}" for value in values)


def _gains(booster: Any, count: int = 12) -> str:
    gains = np.asarray(booster.feature_importance("gain"), float)
    order = np.argsort(-gains)[:count]
    return ", ".join(f"{BLOCK_FEATURE_NAMES[index]} {gains[index] / gains.sum():.2f}" for index in order)
