"""Recorded pages with gold → rows to learn from: each segment's features, whether it is the article's, and how much that counts."""

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
from cleaners.model.block_features import block_features
from cleaners.model.first_pass import first_pass_rows, is_scored, uncertainty
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
# A set of snippets marks a handful of segments a page, so each counts more than one of a wholly marked page.
SNIPPET_WEIGHT = 2.0
_DOUBTFUL = 0.3  # weight of a segment of which the gold holds some part only
_LISTED = frozenset((BlockType.LIST_ITEM, BlockType.QUOTE, BlockType.TABLE_ROW))


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """One page. `truth` is 1, 0, and counts with `weight` (0: unknown, or never scored); `group` is the outlet, which no split may
    divide; `language` is what the page says of itself, "" where it says nothing; `links` are link densities; `doubt` is that of
    the first reading, where there was one.
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
    doubt: float = 1.0


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """A page before any witness was heard but its own structured data."""

    page: CorpusPage
    tree: HtmlElement
    context: PageContext
    article_body: Sequence[float]

    def believing(self, reading: Sequence[float]) -> tuple[PageContext, Signals]:
        """The page where the first reading is believed."""
        return select_and_label(self.context, Signals(reading, self.article_body, [0.0] * len(reading)))

    def asking(self, reading: Sequence[float]) -> tuple[PageContext, Signals]:
        """The page where trafilatura is asked."""
        extraction = trafilatura_shares(self.tree, self.context.segments, reading)
        return select_and_label(self.context, Signals(reading, self.article_body, [0.0] * len(reading), extraction))


def read_unread(corpus: Path, jobs: int = 2) -> list[TrainingExample]:
    """All pages of the corpus as the first reading sees them. Raises FileNotFoundError where a set is missing."""
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(_unread, corpus_pages(corpus), chunksize=8))


def read_pairs(
    corpus: Path, readings: Sequence[NDArray[np.float64]], jobs: int = 2
) -> list[tuple[TrainingExample, TrainingExample]]:
    """All pages with these first readings: where they are believed, and as the second model sees them, trafilatura asked."""
    work = list(zip(corpus_pages(corpus), readings, strict=True))
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(_pair, work, chunksize=8))


def group_of(row: Mapping[str, Any]) -> str:
    """The outlet of a page."""
    return str(row.get("publisher") or (urlsplit(row["url"]).hostname or row["id"]).removeprefix("www."))


def index_of(folder: Path) -> Iterator[dict[str, Any]]:
    """The rows of a set's index."""
    with (folder / "index.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def corpus_pages(corpus: Path) -> list[CorpusPage]:
    """All pages, in the order of SETS."""
    return [(corpus, name, row) for name in SETS for row in index_of(corpus / name)]


def prepare_page(page: CorpusPage) -> PreparedPage:
    """The page, parsed and cut into segments."""
    corpus, name, row = page
    url = row["url"]
    tree = parse(gzip.decompress((corpus / name / "html" / f"{row['id']}.html.gz").read_bytes()))
    jsonld = read_jsonld(tree, url)
    context = build_context(tree, read_metadata(tree, url, jsonld), SiteRules())
    return PreparedPage(
        page, tree, context, align_keys([segment.key for segment in context.segments], article_lines(jsonld))
    )


def _unread(page: CorpusPage) -> TrainingExample:
    seen = prepare_page(page)
    rows = first_pass_rows(seen.context, seen.article_body)
    unread = example_of(page, seen.context, [None] * len(rows), rows)
    # of the other segments the first reading is never asked
    return replace(unread, weight=np.where(is_scored(rows), unread.weight, 0).astype(np.float32))


def _pair(work: tuple[CorpusPage, NDArray[np.float64]]) -> tuple[TrainingExample, TrainingExample]:
    page, reading = work
    seen, scores = prepare_page(page), reading.tolist()
    context, _ = seen.believing(scores)
    alone = replace(example_of(page, context, apply_rules(context)), doubt=uncertainty(context.segments, scores))
    context, signals = seen.asking(scores)
    labels = apply_rules(context)
    return alone, example_of(page, context, labels, block_features(context, signals, labels))


def example_of(
    page: CorpusPage, context: PageContext, labels: Sequence[Drop | None], rows: Array | None = None
) -> TrainingExample:
    """What there is to learn, and to measure, of a page with these labels; without rows, to measure only."""
    _, name, row = page
    truth, weight = _whole(context, row) if name == "news" else _snippets(context, row)
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


def _whole(context: PageContext, row: Mapping[str, Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Truth by the whole gold text. Where a gold leaves out an article's lists or quotes, they are unknown, not clutter."""
    segments = context.segments
    share = np.asarray(align_texts([segment.text for segment in segments], row["body"].split("\n")), np.float32)
    truth = (share >= 0.5).astype(np.float32)
    weight = np.where((share > 0.2) & (share < 0.8), _DOUBTFUL, 1.0).astype(np.float32)
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


def _snippets(context: PageContext, row: Mapping[str, Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Truth where a snippet stands; all else is unknown."""
    truth = np.array([holds_snippet(segment.text, row["with"]) for segment in context.segments], np.float32)
    wrong = np.array([holds_snippet(segment.text, row["without"]) for segment in context.segments], np.float32)
    return truth, SNIPPET_WEIGHT * np.maximum(truth, wrong).astype(np.float32)


def holds_snippet(text: str, snippets: Sequence[str]) -> bool:
    """Whether one of the snippets stands in the text."""
    return any(" ".join(snippet.split()) in text for snippet in snippets)
