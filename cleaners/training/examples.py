"""Turn recorded pages with gold texts into training rows: features, truth and weight of each segment."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from cleaners.document import Block, BlockType, Drop
from cleaners.html.json_ld import read_jsonld
from cleaners.html.parse import parse
from cleaners.metadata.read_metadata import read_metadata
from cleaners.model import first_pass
from cleaners.model.block_features import block_features
from cleaners.model.first_pass import first_pass_rows, is_scored
from cleaners.page import SiteRules
from cleaners.pipeline import build_context, select_and_label
from cleaners.rules import apply_rules
from cleaners.selection.alignment import align_keys, align_texts
from cleaners.selection.signals import Signals, article_lines
from cleaners.selection.trafilatura_signal import trafilatura_shares
from cleaners.text.language import base_language

if TYPE_CHECKING:
    from lxml.html import HtmlElement
    from numpy.typing import NDArray

    from cleaners.model.boosted_trees import Array
    from cleaners.selection.page_context import PageContext

CorpusPage = tuple[Path, str, Mapping[str, Any]]  # the corpus, the set, a row of its index

SETS = ("news", "snippets")
# Snippets mark only a handful of segments on a page, so each counts more than one of a page with a full gold text.
SNIPPET_WEIGHT = 2.0
_PARTIAL = 0.3  # weight of a segment that is only partly in the gold text
_LISTED = frozenset((BlockType.LIST_ITEM, BlockType.QUOTE, BlockType.TABLE_ROW))


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """Hold one page with its labels, features and truth.

    `truth` is 1 for the article's segments and 0 for others; it counts with `weight` (0: unknown or never scored).
    `group` is the publisher, which no fold may divide. `language` is what the page declares, or "". `links` are link
    densities. `uncertainty` is that of the first pass, if it ran.
    """

    id: str
    set: str
    group: str
    language: str
    row: Mapping[str, Any]
    blocks: tuple[Block, ...]
    labels: tuple[Drop | None, ...]
    list_groups: tuple[tuple[int, ...], ...]
    links: tuple[float, ...]
    rows: Array
    truth: NDArray[np.float32]
    weight: NDArray[np.float32]
    title: str | None
    authors: tuple[str, ...]
    published: str | None
    uncertainty: float = 1.0


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """Hold a page with no signal yet but its own structured data."""

    page: CorpusPage
    tree: HtmlElement
    context: PageContext
    article_body: Sequence[float]

    def by_first_pass(self, scores: Sequence[float]) -> tuple[PageContext, Signals]:
        """Return the page as selected by the first pass alone."""
        return select_and_label(self.context, Signals(scores, self.article_body, [0.0] * len(scores)))

    def with_trafilatura(self, scores: Sequence[float]) -> tuple[PageContext, Signals]:
        """Return the page as selected with trafilatura."""
        extraction = trafilatura_shares(self.tree, self.context.segments, scores)
        return select_and_label(self.context, Signals(scores, self.article_body, [0.0] * len(scores), extraction))


def read_unscored(corpus: Path, jobs: int = 2) -> list[TrainingExample]:
    """Read all pages of the corpus as the first pass sees them. Raises FileNotFoundError if a set is missing."""
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(_unscored, corpus_pages(corpus), chunksize=8))


def read_pairs(
    corpus: Path, first_scores: Sequence[NDArray[np.float64]], jobs: int = 2
) -> list[tuple[TrainingExample, TrainingExample]]:
    """Read all pages with these first-pass scores: by the first pass alone, and with trafilatura for the block model."""
    work = list(zip(corpus_pages(corpus), first_scores, strict=True))
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(_pair, work, chunksize=8))


def group_of(row: Mapping[str, Any]) -> str:
    """Return the publisher of a page, or its host."""
    return str(row.get("publisher") or (urlsplit(row["url"]).hostname or row["id"]).removeprefix("www."))


def index_of(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a set's index."""
    with (folder / "index.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def corpus_pages(corpus: Path) -> list[CorpusPage]:
    """List all pages of the corpus, in the order of SETS."""
    return [(corpus, name, row) for name in SETS for row in index_of(corpus / name)]


def prepare_page(page: CorpusPage) -> PreparedPage:
    """Parse a page and cut it into segments."""
    corpus, name, row = page
    url = row["url"]
    tree = parse(gzip.decompress((corpus / name / "html" / f"{row['id']}.html.gz").read_bytes()))
    jsonld = read_jsonld(tree, url)
    context = build_context(tree, read_metadata(tree, url, jsonld), SiteRules())
    return PreparedPage(
        page, tree, context, align_keys([segment.key for segment in context.segments], article_lines(jsonld))
    )


def _unscored(page: CorpusPage) -> TrainingExample:
    prepared = prepare_page(page)
    rows = first_pass_rows(prepared.context, prepared.article_body)
    unscored = example_of(page, prepared.context, [None] * len(rows), rows)
    # The first pass never scores the other segments.
    return replace(unscored, weight=np.where(is_scored(rows), unscored.weight, 0).astype(np.float32))


def _pair(work: tuple[CorpusPage, NDArray[np.float64]]) -> tuple[TrainingExample, TrainingExample]:
    page, first_scores = work
    prepared, scores = prepare_page(page), first_scores.tolist()
    context, _ = prepared.by_first_pass(scores)
    uncertainty = first_pass.uncertainty(context.segments, scores)
    alone = replace(example_of(page, context, apply_rules(context)), uncertainty=uncertainty)
    context, signals = prepared.with_trafilatura(scores)
    labels = apply_rules(context)
    return alone, example_of(page, context, labels, block_features(context, signals, labels))


def example_of(
    page: CorpusPage, context: PageContext, labels: Sequence[Drop | None], rows: Array | None = None
) -> TrainingExample:
    """Return the training example of a page with these labels; one without `rows` serves for measuring only."""
    _, name, row = page
    truth, weight = _truth_by_gold(context, row) if name == "news" else _truth_by_snippets(context, row)
    metadata = context.metadata
    return TrainingExample(
        id=row["id"],
        set=name,
        group=group_of(row),
        language=base_language(metadata.language) or "",
        row=row,
        blocks=tuple(Block(segment.text, segment.type, tight=segment.tight) for segment in context.segments),
        labels=tuple(labels),
        list_groups=tuple(map(tuple, context.list_groups)),
        links=tuple(segment.link_density for segment in context.segments),
        rows=np.zeros((len(labels), 0), np.float32) if rows is None else rows,
        truth=truth,
        weight=weight,
        title=metadata.title,
        authors=metadata.authors,
        published=metadata.published,
    )


def _truth_by_gold(context: PageContext, row: Mapping[str, Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return truth and weight by the gold text. Lists or quotes that it leaves out are unknown, not clutter."""
    segments = context.segments
    share = np.asarray(align_texts([segment.text for segment in segments], row["body"].split("\n")), np.float32)
    truth = (share >= 0.5).astype(np.float32)
    weight = np.where((share > 0.2) & (share < 0.8), _PARTIAL, 1.0).astype(np.float32)
    own = np.flatnonzero(truth).tolist()
    if not own:
        return truth, np.zeros_like(weight)
    kept = {segments[index].type for index in own}
    for index, segment in enumerate(segments):
        if truth[index] or segment.type not in _LISTED:
            continue
        omitted = row.get("lists") == "omitted" and segment.type is BlockType.LIST_ITEM
        inside = (
            own[0] < index < own[-1]
            and context.chosen[index]
            and segment.link_density < 0.3
            and len(segment.text) >= 25
        )
        if omitted or (inside and segment.type not in kept):
            weight[index] = 0
    return truth, weight


def _truth_by_snippets(context: PageContext, row: Mapping[str, Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return truth and weight of the segments that hold a snippet; all others are unknown."""
    truth = np.array([holds_snippet(segment.text, row["with"]) for segment in context.segments], np.float32)
    wrong = np.array([holds_snippet(segment.text, row["without"]) for segment in context.segments], np.float32)
    return truth, SNIPPET_WEIGHT * np.maximum(truth, wrong).astype(np.float32)


def holds_snippet(text: str, snippets: Sequence[str]) -> bool:
    """Tell whether the text contains one of the snippets."""
    return any(" ".join(snippet.split()) in text for snippet in snippets)
