"""`python -m cleaners.training CORPUS`: learn, cross-validate by outlet, choose thresholds, write model, card and oof.jsonl."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from ..classifier import Thresholds, as_wholes
from ..classifier.features import NAMES
from ..classifier.model import FILE, FORMAT, read_model
from .boost import fit, predict, trees_of
from .card import write_card
from .examples import SETS, Example, read_examples
from .figures import Figures, measure, text_of

FOLDS = 5
_GRID = tuple(
    Thresholds(drop, keep, overrule)
    for drop in (0.4, 0.45, 0.5, 0.55)
    for keep in (0.5, 0.6, 0.7)
    for overrule in (0.8, 0.85, 0.9, 0.95)
)
_LINKS = NAMES.index("link_density")
Scores = Sequence[NDArray[np.float64]]


def fold_of(example: Example, folds: int = FOLDS) -> int:
    """The fold of an outlet: by a hash of its name, so that it is the same in every run and no outlet is divided."""
    return int(hashlib.md5(example.group.encode()).hexdigest(), 16) % folds


def out_of_fold(examples: Sequence[Example], *, without: Sequence[str] = ()) -> list[NDArray[np.float64]]:
    """For each page, the scores of a model that saw no page of its outlet."""
    scores: list[NDArray[np.float64]] = [np.zeros(0)] * len(examples)
    for fold in range(FOLDS):
        booster = fit([example for example in examples if fold_of(example) != fold], without=without)
        for index, example in enumerate(examples):
            if fold_of(example) == fold:
                scores[index] = predict(booster, example, without=without)
    return scores


def decide(example: Example, scores: NDArray[np.float64], thresholds: Thresholds) -> list[bool]:
    """Which segments stay."""
    links = example.rows[:, _LINKS].tolist()
    whole = as_wholes(scores.tolist(), example.wholes)
    return [thresholds.stays(*known) for known in zip(example.labels, whole, links, strict=True)]


def figures_of(examples: Sequence[Example], scores: Scores, thresholds: Thresholds) -> dict[str, Figures]:
    """The figures of each set."""
    found = {}
    for name in SETS:
        pairs = [(example, score) for example, score in zip(examples, scores, strict=True) if example.set == name]
        texts = [text_of(example, decide(example, score, thresholds)) for example, score in pairs]
        found[name] = measure([example for example, _ in pairs], texts)
    return found


def choose_thresholds(examples: Sequence[Example], scores: Scores) -> Thresholds:
    """The best of the grid, out of fold: F1 of both sets, and a little for pages that come out exactly right."""

    def worth(thresholds: Thresholds) -> float:
        found = figures_of(examples, scores, thresholds)
        return found["news"].f1 + found["snippets"].f1 + 0.1 * (found["news"].exact or 0)

    return max(_GRID, key=worth)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m cleaners.training", description=__doc__)
    parser.add_argument("corpus", type=Path, help="a folder with news/ and snippets/, each with index.jsonl and html/")
    parser.add_argument("--oof", type=Path, default=Path("build/oof.jsonl"), help="where the out-of-fold texts go")
    parser.add_argument("--date", required=True, help="the day that the card names")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    if not (args.corpus / "news" / "index.jsonl").is_file():
        sys.exit(f"{args.corpus}: no news/index.jsonl there: name the folder of the corpus")

    examples = read_examples(args.corpus, args.jobs)
    scores = out_of_fold(examples)
    thresholds = choose_thresholds(examples, scores)
    booster = fit(examples)
    source = orjson.dumps(
        {
            "format": FORMAT,
            "version": args.date,
            "thresholds": (thresholds.drop, thresholds.keep, thresholds.overrule),
            "features": NAMES,
            "trees": trees_of(booster),
        }
    )
    model = read_model(source)
    worst = max(float(np.abs(model.scores(e.rows) - predict(booster, e)).max(initial=0)) for e in examples[:50])
    if worst > 1e-4:
        sys.exit(f"the written model scores otherwise than the learned one (by {worst:.2g}): nothing was written")
    folder = Path(__file__).parent.parent / "classifier"
    (folder / FILE).write_bytes(source)
    _write_oof(args.oof, examples, scores, thresholds)
    in_sample = figures_of(examples, [model.scores(e.rows) for e in examples], thresholds)
    write_card(folder / "CARD.md", args.date, examples, scores, booster, thresholds, in_sample, len(source))
    for name, found in figures_of(examples, scores, thresholds).items():
        print(f"{name:9} out of fold {found}\n{'':9} in sample   {in_sample[name]}")


def _write_oof(file: Path, examples: Sequence[Example], scores: Scores, thresholds: Thresholds) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        for example, score in zip(examples, scores, strict=True):
            text = text_of(example, decide(example, score, thresholds))
            record = {
                "id": example.id,
                "text": text,
                "title": example.title,
                "authors": example.authors,
                "published": example.published,
            }
            out.write(orjson.dumps(record) + b"\n")


if __name__ == "__main__":
    main()
