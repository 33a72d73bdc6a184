"""Train and cross-validate the models, choose thresholds, and write models, cards and oof.jsonl.

The command is `python -m cleaners.training CORPUS`. No publisher is divided between folds.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from cleaners.model import block_model
from cleaners.model.block_features import BLOCK_FEATURE_NAMES, FIRST_PASS_FEATURE_NAMES
from cleaners.model.block_model import Thresholds
from cleaners.model.first_pass import FIRST_PASS_FILE, UNCERTAINTY_LIMIT
from cleaners.plain_text import line_model
from cleaners.plain_text.line_features import LINE_FEATURE_NAMES
from cleaners.training.boost import FIRST_PASS_RECIPE, LINE_RECIPE, fit, out_of_fold, write_model
from cleaners.training.card import TrainingOutcome, write_card
from cleaners.training.cascade import ALWAYS, NEVER, Cascade, first_pass_scores, mask_unscored
from cleaners.training.decisions import RULES_ONLY, Scores, as_ruled, by_language, decide_blocks, figures_of
from cleaners.training.evaluation import Figures, text_of
from cleaners.training.examples import SETS, TrainingExample, read_pairs, read_unscored
from cleaners.training.line_examples import gain, read_lines_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_GRID = tuple(
    Thresholds(drop, keep, overrule)
    for drop in (0.4, 0.45, 0.5, 0.55)
    for keep in (0.5, 0.6, 0.7)
    for overrule in (0.8, 0.85, 0.9, 0.95)
)
_EQUAL = 0.0005  # difference in worth that is no more than chance


def choose_thresholds(examples: Sequence[TrainingExample], scores: Scores) -> Thresholds:
    """Return the most precise of the best thresholds of the grid, by out-of-fold F1 of both sets and exact pages."""
    found = {thresholds: figures_of(examples, scores, thresholds) for thresholds in _GRID}
    worth = {of: sets["news"].f1 + sets["snippets"].f1 + 0.1 * (sets["news"].exact or 0) for of, sets in found.items()}
    best = max(worth.values())
    return max((of for of in _GRID if worth[of] > best - _EQUAL), key=lambda of: found[of]["news"].precision)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m cleaners.training", description=__doc__)
    parser.add_argument("corpus", type=Path, help="a folder with news/ and snippets/, each with index.jsonl and html/")
    parser.add_argument(
        "--oof",
        type=Path,
        default=Path("build/oof.jsonl"),
        help="file for the out-of-fold texts (default: %(default)s)",
    )
    parser.add_argument("--date", required=True, help="date for the model card")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    if not (args.corpus / "news" / "index.jsonl").is_file():
        sys.exit(f"{args.corpus}: no news/index.jsonl in this folder: name the folder of the corpus")

    _train_block_models(args)
    _train_line_model(args)


def _train_block_models(args: argparse.Namespace) -> None:
    unscored = read_unscored(args.corpus, args.jobs)
    first_scores = first_pass_scores(unscored)
    certain, uncertain = zip(*read_pairs(args.corpus, first_scores, args.jobs), strict=True)
    cascade = Cascade(certain, first_scores, uncertain, out_of_fold(uncertain, BLOCK_FEATURE_NAMES))
    examples, scores = cascade.at(UNCERTAINTY_LIMIT)
    thresholds = choose_thresholds(examples, scores)
    languages = by_language(examples, scores, thresholds)
    ruled = sorted(found.language for found in languages if found.is_harmed)
    _write_oof(args.oof, examples, _left_to_rules(examples, scores, ruled), thresholds)

    folder = Path(block_model.__file__).parent
    first = write_model(
        folder / FIRST_PASS_FILE,
        fit(unscored, FIRST_PASS_FEATURE_NAMES, FIRST_PASS_RECIPE),
        FIRST_PASS_FEATURE_NAMES,
        (),
        args.date,
    )
    booster = fit(uncertain, BLOCK_FEATURE_NAMES)
    model = write_model(
        folder / block_model.BLOCK_MODEL_FILE, booster, BLOCK_FEATURE_NAMES, astuple(thresholds), args.date, ruled
    )
    shipped_scores = mask_unscored(unscored, [first.scores(page.rows) for page in unscored])
    certain, uncertain = zip(*read_pairs(args.corpus, shipped_scores, args.jobs), strict=True)
    shipped = Cascade(certain, shipped_scores, uncertain, [model.scores(page.rows) for page in uncertain])

    def figures(of: Cascade, limit: float) -> dict[str, Figures]:
        pages, found = of.at(limit)
        return figures_of(pages, _left_to_rules(pages, found, ruled), thresholds)

    outcome = TrainingOutcome(
        rules=figures_of(examples, [as_ruled(e) for e in examples], RULES_ONLY),
        out_of_fold=figures(cascade, UNCERTAINTY_LIMIT),
        never=figures(cascade, NEVER),
        always=figures(cascade, ALWAYS),
        in_sample=figures(shipped, UNCERTAINTY_LIMIT),
        uncertain=[[of.uncertain_share(UNCERTAINTY_LIMIT, name) for name in SETS] for of in (cascade, shipped)],
        languages=languages,
        ruled=ruled,
    )
    write_card(folder / "CARD.md", args.date, examples, booster, thresholds, outcome)
    for name, found in outcome.out_of_fold.items():
        print(f"{name:9} out of fold {found}\n{'':9} in sample   {outcome.in_sample[name]}")


def _left_to_rules(examples: Sequence[TrainingExample], scores: Scores, ruled: Sequence[str]) -> Scores:
    """Return the scores, with those of the rules for pages in one of these languages."""
    return [as_ruled(e) if e.language in ruled else score for e, score in zip(examples, scores, strict=True)]


def _train_line_model(args: argparse.Namespace) -> None:
    examples = read_lines_of(args.corpus, args.jobs)
    precision, recall = gain(examples, out_of_fold(examples, LINE_FEATURE_NAMES, LINE_RECIPE))
    booster = fit(examples, LINE_FEATURE_NAMES, LINE_RECIPE)
    folder = Path(line_model.__file__).parent
    write_model(
        folder / line_model.LINE_MODEL_FILE,
        booster,
        LINE_FEATURE_NAMES,
        line_model.LINE_THRESHOLDS,
        args.date,
    )
    (folder / "CARD.md").write_text(
        "# Model card: line model\n\n"
        f"Trained on {args.date} by `make train` on trafilatura's greedy extractions (recall mode, comments,\n"
        "tables) of the same pages\n"
        f"as the block model, with {len(LINE_FEATURE_NAMES)} features. "
        f"Out of fold, compared with that extraction: precision {precision:+.4f}, recall {recall:+.4f}.\n",
        encoding="utf-8",
    )
    print(
        f"lines     out of fold, compared with the greedy extraction: precision {precision:+.4f}, recall {recall:+.4f}"
    )


def _write_oof(file: Path, examples: Sequence[TrainingExample], scores: Scores, thresholds: Thresholds) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        for example, score in zip(examples, scores, strict=True):
            text = text_of(example, decide_blocks(example, score, thresholds))
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
