"""Prepare a cleaned page for display: blocks in page order, long runs of dropped ones collapsed, counts by kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from cleaners.document import Block, BlockType, Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# Collapse runs of at least this many dropped blocks, outside the text and between its paragraphs. The second is higher, because
# a wrong removal would be there.
_COLLAPSE_OUTSIDE, _COLLAPSE_WITHIN = 5, 15
# Flag a dropped block of this length if the block model scores it as article, and a kept one if it scores it as clutter.
_ARTICLE_SCORE, _LONG = 0.5, 80
_CLUTTER_SCORE = 0.1
# Kinds that read like the article itself and are rightly dropped, so a high score means nothing.
_LIKE_TEXT = {"headline", "caption", "credit", "byline", "repeated", "comments"}


@dataclass(frozen=True, slots=True)
class ViewLimits:
    """Limit what is shown of a page: blocks, and characters of a kept and of a dropped one. None: no limit."""

    blocks: int | None = None
    kept: int | None = None
    dropped: int | None = None


WHOLE_PAGE = ViewLimits()
SAMPLE_PAGE = ViewLimits(blocks=600, kept=4000, dropped=300)


@dataclass(frozen=True, slots=True)
class BlockView:
    """Show one block. `kind` and `rule` are set if it was dropped. `flagged`: the score contradicts the decision."""

    text: str
    type: str
    kind: str | None = None
    rule: str = ""
    score: float | None = None
    place: str = ""
    memory: str = ""
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class BlockRun:
    """Group consecutive blocks. A `folded` run is all dropped, with `counts` by kind."""

    blocks: tuple[BlockView, ...]
    folded: bool
    counts: Mapping[str, int]

    @property
    def flagged(self) -> bool:
        """Tell whether a block of the run is flagged."""
        return any(block.flagged for block in self.blocks)


@dataclass(frozen=True, slots=True)
class PageView:
    """Show one page. `reject` says why it gave no article.

    `strip` pictures its blocks as (kind, width), with an empty kind for kept ones. Unless `whole`, its dropped blocks are
    only counted. `left_out` blocks at the end are not shown.
    """

    title: str
    url: str | None
    site: str
    fetched: str
    language: str | None
    runs: tuple[BlockRun, ...]
    counts: Mapping[str, int]
    kept: int
    strip: tuple[tuple[str, int], ...] = ()
    reject: str = ""
    whole: bool = True
    left_out: int = 0

    @property
    def dropped(self) -> int:
        """Return how many blocks were dropped."""
        return sum(self.counts.values())

    @property
    def flagged(self) -> int:
        """Return how many blocks are flagged."""
        return sum(block.flagged for run in self.runs for block in run.blocks)


def view_of_blocks(
    document: Document, memory: Mapping[int, str], limits: ViewLimits
) -> tuple[tuple[BlockRun, ...], tuple[tuple[str, int], ...], int]:
    """Return a document's blocks in runs, the strip of all blocks, and how many blocks the runs leave out."""
    shown = document.blocks[: limits.blocks]
    blocks = [_view(block, memory.get(index, ""), limits) for index, block in enumerate(shown)]
    return tuple(_runs(blocks)), strip_of(document.blocks), len(document.blocks) - len(shown)


def text_runs(text: str, limits: ViewLimits) -> tuple[BlockRun, ...]:
    """Return the paragraphs of a text as one run of kept blocks."""
    blocks = tuple(
        BlockView(_clipped(part, limits.kept), BlockType.PARAGRAPH.value)
        for part in text.split("\n\n")[: limits.blocks]
    )
    return (BlockRun(blocks, False, {}),)


def strip_of(blocks: Iterable[Block]) -> tuple[tuple[str, int], ...]:
    """Return the kind and width of consecutive blocks; a block's width is the square root of its length."""
    kinds = groupby(blocks, key=lambda block: block.dropped_by.kind.value if block.dropped_by else "")
    return tuple((kind, max(1, round(sum(len(block.text) ** 0.5 for block in group)))) for kind, group in kinds)


def _runs(blocks: Sequence[BlockView]) -> Iterator[BlockRun]:
    """Yield long runs of dropped blocks by themselves; shorter ones stay with the kept blocks around them."""
    loose: list[BlockView] = []
    groups = [(dropped, tuple(group)) for dropped, group in groupby(blocks, key=lambda block: block.kind is not None)]
    for number, (dropped, group) in enumerate(groups):
        if dropped and len(group) >= (_COLLAPSE_WITHIN if 0 < number < len(groups) - 1 else _COLLAPSE_OUTSIDE):
            if loose:
                yield BlockRun(tuple(loose), False, {})
                loose = []
            yield BlockRun(group, True, Counter(block.kind for block in group if block.kind))
        else:
            loose += group
    if loose:
        yield BlockRun(tuple(loose), False, {})


def _view(block: Block, memory: str, limits: ViewLimits) -> BlockView:
    drop = block.dropped_by
    return BlockView(
        text=_clipped(block.text, limits.dropped if drop else limits.kept),
        type=block.type.value,
        kind=drop.kind.value if drop else None,
        rule=drop.rule if drop else "",
        score=block.score,
        place=block.place,
        memory=memory,
        flagged=_is_flagged(block),
    )


def _is_flagged(block: Block) -> bool:
    if block.score is None or len(block.text) < _LONG:
        return False
    if block.dropped_by is None:
        return block.score < _CLUTTER_SCORE
    return block.score >= _ARTICLE_SCORE and block.dropped_by.kind.value not in _LIKE_TEXT


def _clipped(text: str, most: int | None) -> str:
    return text if most is None or len(text) <= most else text[:most].rstrip() + " …"
