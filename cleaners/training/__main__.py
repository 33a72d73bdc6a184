"""`python -m cleaners.training CORPUS`: learn, cross-validate by outlet, choose thresholds, write model, card and oof.jsonl."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from .. import classifier
from ..classifier import Thresholds, as_wholes
from ..classifier.features import NAMES
from ..plain import classifier as line_classifier
from ..plain import features as line_features
from .boost import fit, out_of_fold, write_model
from .card import write_card
from .examples import SETS, Example, read_examples
from .figures import Figures, measure, text_of
from .lines import gain, read_lines_of

_GRID = tuple(
    Thresholds(drop, keep, overrule)
    for drop in (0.4, 0.45, 0.5, 0.55)
    for keep in (0.5, 0.6, 0.7)
    for overrule in (0.8, 0.85, 0.9, 0.95)
)
_LINKS = NAMES.index("link_density")
Scores = Sequence[NDArray[np.float64]]


def decide(example: Example, scores: NDArray[np.float64], thresholds: Thresholds) -> list[bool]:
    """Which segments stay."""
    links = example.rows[:, _LINKS].tolist()
    whole = as_wholes(scores.tolist(), example.wholes, thresholds.undecided(example.labels, links))
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

    _learn_blocks(args)
    _learn_lines(args)


def _learn_blocks(args: argparse.Namespace) -> None:
    examples = read_examples(args.corpus, args.jobs)
    scores = out_of_fold(examples, NAMES)
    thresholds = choose_thresholds(examples, scores)
    booster = fit(examples, NAMES)
    folder = Path(classifier.__file__).parent
    model = write_model(folder / classifier.FILE, booster, NAMES, astuple(thresholds), args.date)
    _write_oof(args.oof, examples, scores, thresholds)
    in_sample = figures_of(examples, [model.scores(e.rows) for e in examples], thresholds)
    size = (folder / classifier.FILE).stat().st_size
    write_card(folder / "CARD.md", args.date, examples, scores, booster, thresholds, in_sample, size)
    for name, found in figures_of(examples, scores, thresholds).items():
        print(f"{name:9} out of fold {found}\n{'':9} in sample   {in_sample[name]}")


def _learn_lines(args: argparse.Namespace) -> None:
    examples = read_lines_of(args.corpus, args.jobs)
    precision, recall = gain(examples, out_of_fold(examples, line_features.NAMES))
    booster = fit(examples, line_features.NAMES)
    folder = Path(line_classifier.__file__).parent
    write_model(folder / line_classifier.FILE, booster, line_features.NAMES, line_classifier.THRESHOLDS, args.date)
    (folder / "CARD.md").write_text(
        "# Model card: line classifier\n\n"
        f"Made on {args.date} by `make train`, of trafilatura's greedy extractions (recall mode, comments, tables) of the same pages\n"
        f"as the block classifier, {len(line_features.NAMES)} features. Out of fold, over that extraction: precision {precision:+.4f}, "
        f"recall {recall:+.4f}.\n",
        encoding="utf-8",
    )
    print(f"lines     out of fold, over the greedy extraction: precision {precision:+.4f}, recall {recall:+.4f}")


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
