"""`python -m cleaners.training CORPUS`: learn, cross-validate by outlet, choose thresholds, write model, card and oof.jsonl."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import orjson

from .. import classifier
from ..classifier import Thresholds
from ..classifier.features import NAMES, READING_NAMES
from ..classifier.reading import FILE as READING_FILE
from ..classifier.reading import SURE
from ..plain import classifier as line_classifier
from ..plain import features as line_features
from .boost import LINES, READING, fit, out_of_fold, write_model
from .card import Outcome, write_card
from .cascade import ALWAYS, NEVER, Cascade, as_read, first_readings
from .decisions import RULES, Scores, as_ruled, by_language, decide, figures_of
from .examples import SETS, Example, read_pairs, read_unread
from .figures import Figures, text_of
from .lines import gain, read_lines_of

_GRID = tuple(
    Thresholds(drop, keep, overrule)
    for drop in (0.4, 0.45, 0.5, 0.55)
    for keep in (0.5, 0.6, 0.7)
    for overrule in (0.8, 0.85, 0.9, 0.95)
)
_ALIKE = 0.0005  # worth that is no more than chance between two thresholds


def choose_thresholds(examples: Sequence[Example], scores: Scores) -> Thresholds:
    """The most precise of the grid's best, out of fold: F1 of both sets, and a little for pages that come out exactly right."""
    found = {thresholds: figures_of(examples, scores, thresholds) for thresholds in _GRID}
    worth = {of: sets["news"].f1 + sets["snippets"].f1 + 0.1 * (sets["news"].exact or 0) for of, sets in found.items()}
    best = max(worth.values())
    return max((of for of in _GRID if worth[of] > best - _ALIKE), key=lambda of: found[of]["news"].precision)


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
    unread = read_unread(args.corpus, args.jobs)
    readings = first_readings(unread)
    alone, asking = zip(*read_pairs(args.corpus, readings, args.jobs), strict=True)
    cascade = Cascade(alone, readings, asking, out_of_fold(asking, NAMES))
    examples, scores = cascade.at(SURE)
    thresholds = choose_thresholds(examples, scores)
    languages = by_language(examples, scores, thresholds)
    ruled = sorted(found.language for found in languages if found.is_harmed)
    _write_oof(args.oof, examples, _left_to_rules(examples, scores, ruled), thresholds)

    folder = Path(classifier.__file__).parent
    first = write_model(folder / READING_FILE, fit(unread, READING_NAMES, READING), READING_NAMES, (), args.date)
    booster = fit(asking, NAMES)
    model = write_model(folder / classifier.FILE, booster, NAMES, astuple(thresholds), args.date, ruled)
    known = as_read(unread, [first.scores(page.rows) for page in unread])
    believing, doubting = zip(*read_pairs(args.corpus, known, args.jobs), strict=True)
    shipped = Cascade(believing, known, doubting, [model.scores(page.rows) for page in doubting])

    def figures(of: Cascade, sure: float) -> dict[str, Figures]:
        pages, found = of.at(sure)
        return figures_of(pages, _left_to_rules(pages, found, ruled), thresholds)

    outcome = Outcome(
        rules=figures_of(examples, [as_ruled(e) for e in examples], RULES),
        out_of_fold=figures(cascade, SURE),
        never=figures(cascade, NEVER),
        always=figures(cascade, ALWAYS),
        in_sample=figures(shipped, SURE),
        asked=[[of.asked(SURE, name) for name in SETS] for of in (cascade, shipped)],
        languages=languages,
        ruled=ruled,
    )
    write_card(folder / "CARD.md", args.date, examples, booster, thresholds, outcome)
    for name, found in outcome.out_of_fold.items():
        print(f"{name:9} out of fold {found}\n{'':9} in sample   {outcome.in_sample[name]}")


def _left_to_rules(examples: Sequence[Example], scores: Scores, ruled: Sequence[str]) -> Scores:
    """The scores, where a page's language is one of these those of the rules."""
    return [as_ruled(e) if e.language in ruled else score for e, score in zip(examples, scores, strict=True)]


def _learn_lines(args: argparse.Namespace) -> None:
    examples = read_lines_of(args.corpus, args.jobs)
    precision, recall = gain(examples, out_of_fold(examples, line_features.NAMES, LINES))
    booster = fit(examples, line_features.NAMES, LINES)
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
