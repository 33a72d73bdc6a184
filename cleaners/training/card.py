"""The model card: what the model was made of, how good it is on outlets it never saw, and what each group of features earns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..classifier import Thresholds
from ..classifier.features import NAMES
from .boost import FOLDS, PARAMETERS, TREES
from .examples import Example
from .figures import Figures, measure

_LANGUAGES = {
    "de": "German", "at": "German", "ch": "German", "li": "German", "lu": "German", "uk": "English", "us": "English", "za": "English",
    "ca": "English", "au": "English", "ind": "English", "jp": "Japanese", "es": "Spanish", "mx": "Spanish", "py": "Spanish",
    "fr": "French", "it": "Italian", "kr": "Korean", "no": "Nordic", "se": "Nordic", "dk": "Nordic", "isl": "Nordic",
}  # fmt: skip
_QUIET = ("verbose", "num_threads", "deterministic", "force_row_wise")


def write_card(
    file: Path,
    date: str,
    examples: Sequence[Example],
    scores: Sequence[NDArray[np.float64]],
    booster: Any,
    thresholds: Thresholds,
    in_sample: dict[str, Figures],
    size: int,
) -> None:
    """Write the card as Markdown."""
    from .__main__ import figures_of

    whole = figures_of(examples, scores, thresholds)
    rules = figures_of(examples, [_as_ruled(example) for example in examples], Thresholds(0.5, 1.1, 1.1))
    rows = [
        ("rules alone", rules),
        ("with the classifier, out of fold", whole),
        ("with the classifier, in sample", in_sample),
    ]
    pages = Counter(example.set for example in examples)
    lines = [
        "# Model card: block classifier",
        "",
        f"Made on {date} by `make train`. {TREES} boosted trees (LightGBM), {len(NAMES)} features, {size // 1000} kB of JSON.",
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
        "News by language, out of fold, against the rules alone:",
        "",
        "| | pages | F1, rules | F1, classifier |",
        "|---|---|---|---|",
        *_by_language(examples, scores, thresholds),
        "",
        "What counts most (share of the gain): " + _gains(booster) + ".",
        "",
        f"Parameters: {', '.join(f'{name} {value}' for name, value in PARAMETERS.items() if name not in _QUIET)}.",
        "",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")


def _as_ruled(example: Example) -> NDArray[np.float64]:
    return np.array([1.0 if drop is None else 0.0 for drop in example.labels])


def _row(found: dict[str, Figures]) -> str:
    news, snippets = found["news"], found["snippets"]
    values = (news.f1, news.precision, news.recall, news.exact or 0, snippets.f1, snippets.precision, snippets.recall)
    return " | ".join(f"{value:.4f}" for value in values)


def _by_language(
    examples: Sequence[Example], scores: Sequence[NDArray[np.float64]], thresholds: Thresholds
) -> list[str]:
    from .__main__ import decide
    from .figures import text_of

    groups: dict[str, list[int]] = defaultdict(list)
    for index, example in enumerate(examples):
        if example.set == "news":
            groups[_LANGUAGES.get(example.country, "other")].append(index)
    lines = []
    for name, indices in sorted(groups.items(), key=lambda item: -len(item[1])):
        members = [examples[index] for index in indices]
        ruled = measure(members, [text_of(e, [drop is None for drop in e.labels]) for e in members])
        learned = measure(members, [text_of(examples[i], decide(examples[i], scores[i], thresholds)) for i in indices])
        lines.append(f"| {name} | {len(members)} | {ruled.f1:.4f} | {learned.f1:.4f} |")
    return lines


def _gains(booster: Any, count: int = 12) -> str:
    gains = np.asarray(booster.feature_importance("gain"), float)
    order = np.argsort(-gains)[:count]
    return ", ".join(f"{NAMES[index]} {gains[index] / gains.sum():.2f}" for index in order)
