"""Measure what each mechanism contributes by removing it.

The command is `python -m cleaners.training.ablation CORPUS`. Each mechanism is measured with the rules alone, and with
the block model, trained again without the mechanism and measured on publishers that it never saw. `--quick` skips what
needs training. The table is written to ABLATION.md, beside the model card.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cleaners.document import LEARNED, Document, Drop, Kind, render
from cleaners.model import block_model
from cleaners.model.block_features import BLOCK_FEATURE_NAMES, block_features
from cleaners.model.block_model import Thresholds, load_block_model
from cleaners.model.first_pass import UNCERTAINTY_LIMIT, uncertainty
from cleaners.plain_text.line_features import LINE_FEATURE_NAMES, line_features
from cleaners.plain_text.line_rules import LINE_RULES, LineRule, label_lines
from cleaners.rules import apply_rules
from cleaners.site_memory import apply_memory, memory_of_documents
from cleaners.text.language import detect_language
from cleaners.training.boost import LINE_RECIPE, out_of_fold
from cleaners.training.cascade import ALWAYS, NEVER, Cascade, first_pass_scores
from cleaners.training.decisions import RULES_ONLY, Scores, as_ruled, decide_blocks, figures_of
from cleaners.training.evaluation import Figures, compare, score_texts, text_of
from cleaners.training.examples import (
    CorpusPage,
    TrainingExample,
    corpus_pages,
    example_of,
    prepare_page,
    read_unscored,
)
from cleaners.training.line_examples import LineExample, gain, read_lines_of
from cleaners.training.variants import VARIANTS, threshold_variants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cleaners.selection.page_context import PageContext
    from cleaners.selection.signals import Signals

_UNDECIDED = 0.3  # a score with which the line model changes nothing
ABLATION_FILE = "ABLATION.md"
Pair = tuple[TrainingExample, TrainingExample]  # by the first pass alone, and with trafilatura
_DRAWS = 300  # bootstrap samples of the publishers, for the error of a difference
_LEAST_PAGES = 3  # pages of one publisher needed to measure site memory
_MODEL_DROP = Drop(Kind.OTHER, LEARNED)


@dataclass(frozen=True, slots=True)
class Result:
    """Hold the figures of each set, and precision and recall of each news page."""

    sets: dict[str, Figures]
    pages: NDArray[np.float64]


def read_variants(corpus: Path, jobs: int) -> tuple[Scores, list[list[Pair]]]:
    """Return the out-of-fold scores of the first pass, and for each page the complete cleaner's pair, then each variant's.

    The scores are the same for all variants. A variant that changes nothing on a page has the same object as its pair.
    """
    first_scores = first_pass_scores(read_unscored(corpus, jobs))
    with ProcessPoolExecutor(jobs) as pool:
        return first_scores, list(
            pool.map(_variants, zip(corpus_pages(corpus), first_scores, strict=True), chunksize=8)
        )


def _variants(work: tuple[CorpusPage, NDArray[np.float64]]) -> list[Pair]:
    page, first_scores = work
    prepared, scores = prepare_page(page), first_scores.tolist()
    alone = _with_variants(page, *prepared.by_first_pass(scores))
    extracted = _with_variants(page, *prepared.with_trafilatura(scores))
    unsure = uncertainty(prepared.context.segments, scores)
    whole = replace(alone[0], uncertainty=unsure), extracted[0]
    return [
        whole if one is alone[0] and other is extracted[0] else (replace(one, uncertainty=unsure), other)
        for one, other in zip(alone, extracted, strict=True)
    ]


def _with_variants(page: CorpusPage, context: PageContext, signals: Signals) -> list[TrainingExample]:
    """Return the page's example, then that of each variant."""
    labels = apply_rules(context)
    whole = example_of(
        page, context, labels, None if signals.extraction is None else block_features(context, signals, labels)
    )
    every = [whole]
    for variant in VARIANTS:
        changed, received = variant.change(context, signals)
        relabelled = apply_rules(changed, variant.rules)
        if relabelled == labels and _is_equal(context, changed) and received == signals:
            every.append(whole)
        else:
            rows = whole.rows if received.extraction is None else block_features(changed, received, relabelled)
            every.append(replace(whole, labels=tuple(relabelled), rows=rows))
    return every


def _is_equal(one: PageContext, other: PageContext) -> bool:
    return one is other or (
        one.segments is other.segments and one.chosen == other.chosen and one.standfirst == other.standfirst
    )


def measure(examples: Sequence[TrainingExample], scores: Scores | None, thresholds: Thresholds = RULES_ONLY) -> Result:
    """Measure one variant; its rules alone if there are no scores."""
    if scores is None:
        scores = [as_ruled(example) for example in examples]
    pages = [
        compare(example.row, text_of(example, decide_blocks(example, score, thresholds)))[:2]
        for example, score in zip(examples, scores, strict=True)
        if example.set == "news"
    ]
    return Result(figures_of(examples, scores, thresholds), np.array(pages, float))


def standard_error(whole: Result, less: Result, groups: Sequence[str]) -> float:
    """Return the standard error of the difference in news F1, by resampling publishers."""
    of: dict[str, list[int]] = defaultdict(list)
    for index, group in enumerate(groups):
        of[group].append(index)
    members = list(of.values())
    draw = np.random.default_rng(1)
    found = []
    for _ in range(_DRAWS):
        picked = [index for at in draw.integers(len(members), size=len(members)) for index in members[at]]
        found.append(_f1(less.pages[picked]) - _f1(whole.pages[picked]))
    return float(np.std(found))


def _f1(pages: NDArray[np.float64]) -> float:
    precision, recall = np.nanmean(pages, axis=0)
    return float(2 * precision * recall / max(1e-9, precision + recall))


def measure_with_memory(
    examples: Sequence[TrainingExample], scores: Scores, thresholds: Thresholds
) -> tuple[Figures, Figures]:
    """Measure without and with site memory, on publishers of which the corpus has several articles."""
    publishers: dict[str, list[int]] = defaultdict(list)
    for index, example in enumerate(examples):
        if example.set == "news":
            publishers[example.group].append(index)
    several = {name: members for name, members in publishers.items() if len(members) >= _LEAST_PAGES}
    order, before, after = [], [], []
    for members in several.values():
        documents = [_document(examples[i], decide_blocks(examples[i], scores[i], thresholds)) for i in members]
        memory = memory_of_documents(documents)
        for index, document in zip(members, documents, strict=True):
            order.append(examples[index])
            before.append(document.text)
            after.append(render(apply_memory(document.blocks, memory, title=document.title)))
    return score_texts(order, before), score_texts(order, after)


def _document(example: TrainingExample, kept: Sequence[bool]) -> Document:
    blocks = tuple(
        block._replace(dropped_by=None if keep else drop or _MODEL_DROP)
        for block, drop, keep in zip(example.blocks, example.labels, kept, strict=True)
    )
    return Document(render(blocks), blocks, title=example.title, canonical_url=example.id)


def ablation_table(first_scores: Scores, pages: Sequence[list[Pair]], *, quick: bool) -> list[str]:
    """Return the lines of the table, in Markdown."""
    thresholds = Thresholds(*load_block_model().thresholds)

    def cascade(at: int, scores: Scores | None = None) -> Cascade:
        certain, uncertain = zip(*(page[at] for page in pages), strict=True)
        return Cascade(certain, first_scores, uncertain, scores or out_of_fold(uncertain, BLOCK_FEATURE_NAMES))

    full = cascade(0)
    examples, scores = full.at(UNCERTAINTY_LIMIT)
    groups = [example.group for example in examples if example.set == "news"]
    ruled, whole = measure(examples, None), measure(examples, scores, thresholds)
    lines = [
        "| removed | pages | rules: news F1 | exact | snippets F1 | model: news F1 | error | exact | snippets F1 |",
        "|---|---|---|---|---|---|---|---|---|",
        f"| nothing | {len(examples)} | {_figures(ruled)} | {_figures(whole, ' | ')} |",
    ]
    for name, limit in (("trafilatura", NEVER), ("first pass", ALWAYS)):
        other, theirs = full.at(limit)
        touched = sum(one is not another for one, another in zip(examples, other, strict=True))
        found = measure(other, theirs, thresholds)
        learned = _difference(found, whole, standard_error(whole, found, groups))
        lines.append(f"| signal: {name} | {touched} | {_difference(measure(other, None), ruled)} | {learned} |")
    for at, variant in enumerate(VARIANTS, 1):
        touched = sum(page[at] is not page[0] for page in pages)
        less, theirs = cascade(at, full.scores if quick else None).at(UNCERTAINTY_LIMIT)
        learned = "| | | |"
        if not quick:
            found = measure(less, theirs, thresholds)
            learned = _difference(found, whole, standard_error(whole, found, groups))
        lines.append(f"| {variant.name} | {touched} | {_difference(measure(less, None), ruled)} | {learned} |")
        print(lines[-1], flush=True)
    for name, left in threshold_variants(thresholds).items():
        found = measure(examples, scores, left)
        lines.append(f"| {name} | | | | | {_difference(found, whole, standard_error(whole, found, groups))} |")
    without, with_memory = measure_with_memory(examples, scores, thresholds)
    lines += [
        "",
        f"Site memory, on the {without.pages} pages of publishers with {_LEAST_PAGES} articles or more, out of fold: "
        f"precision {without.precision:.4f} without it, {with_memory.precision:.4f} with it; "
        f"recall {without.recall:.4f}, {with_memory.recall:.4f}; F1 {without.f1:.4f}, {with_memory.f1:.4f}.",
    ]
    return lines


def _figures(found: Result, gap: str = "") -> str:
    news, snippets = found.sets["news"], found.sets["snippets"]
    return f"{news.f1:.4f} |{gap and ' |'} {news.exact or 0:.3f} | {snippets.f1:.4f}"


def _difference(less: Result, whole: Result, spread: float | None = None) -> str:
    f1, exact, snippets = (
        less.sets["news"].f1 - whole.sets["news"].f1,
        (less.sets["news"].exact or 0) - (whole.sets["news"].exact or 0),
        less.sets["snippets"].f1 - whole.sets["snippets"].f1,
    )
    middle = "" if spread is None else f" {spread:.4f} |"
    return f"{f1:+.4f} |{middle} {exact:+.3f} | {snippets:+.4f}"


def plain_table(corpus: Path, jobs: int) -> list[str]:
    """Return a Markdown table of the gain in precision and recall, by the rules alone and by the model out of fold."""
    examples = read_lines_of(corpus, jobs)
    lines = ["| clean_text without | rules: P | R | model: P | R |", "|---|---|---|---|---|"]
    for removed in (None, *LINE_RULES):
        less = [_without(example, removed) for example in examples] if removed else examples
        neutral = [np.full(len(example.lines), _UNDECIDED) for example in less]
        name = f"rule: {removed.__name__}" if removed else "nothing"
        lines.append(
            f"| {name} | {_signed(gain(less, neutral))} | {_signed(gain(less, out_of_fold(less, LINE_FEATURE_NAMES, LINE_RECIPE)))} |"
        )
    return lines


def _without(example: LineExample, removed: LineRule) -> LineExample:
    language, _ = detect_language("\n".join(line.text for line in example.lines if line.is_prose))
    labels = label_lines(example.lines, language, [rule for rule in LINE_RULES if rule is not removed])
    return replace(example, labels=tuple(labels), rows=line_features(example.lines, labels, language))


def _signed(figures: Sequence[float]) -> str:
    return " | ".join(f"{figure:+.4f}" for figure in figures)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m cleaners.training.ablation", description=(__doc__ or "").strip())
    parser.add_argument("corpus", type=Path, help="a folder with news/ and snippets/, each with index.jsonl and html/")
    parser.add_argument("--quick", action="store_true", help="do not train again without each mechanism")
    parser.add_argument("--file", type=Path, help=f"file for the table (default: {ABLATION_FILE} beside the model)")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    if not (args.corpus / "news" / "index.jsonl").is_file():
        sys.exit(f"{args.corpus}: no news/index.jsonl in this folder: name the folder of the corpus")
    lines = ablation_table(*read_variants(args.corpus, args.jobs), quick=args.quick)
    if not args.quick:
        lines += ["", *plain_table(args.corpus, args.jobs)]
    file = args.file or Path(block_model.__file__).with_name(ABLATION_FILE)
    head = [
        "# Ablation",
        "",
        "Made by `python -m cleaners.training.ablation CORPUS`. Each row removes one mechanism and gives the change in each figure:",
        "a loss is what the mechanism contributes. Left: the rules alone. Right: with the block model, trained again without the",
        "mechanism and measured on publishers that it never saw; the error is the standard error of the difference in F1, by",
        "resampling publishers. Pages: those on which the mechanism changes anything.",
        "",
    ]
    file.write_text("\n".join([*head, *lines, ""]), encoding="utf-8")
    print("\n".join(lines), f"→ {file}", sep="\n")


if __name__ == "__main__":
    main()
