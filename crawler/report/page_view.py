"""A cleaned page as it is shown: its blocks in page order, runs of dropped ones folded, and how much of each kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from cleaners.document import Block, BlockType, Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# So many dropped blocks in a row are folded away: before and after the text, and between its paragraphs, where a wrong
# removal would stand.
_FOLDED_OUTSIDE, _FOLDED_WITHIN = 5, 15
# A dropped block that the classifier takes for article, this long, is worth a look; and a kept one that it does not.
_DOUBTED, _LONG = 0.5, 80
_DOUBTFUL = 0.1
# Clutter that reads like an article's own words, and is rightly dropped: its score says nothing.
_LIKE_TEXT = {"headline", "caption", "credit", "byline", "repeated", "comments"}


@dataclass(frozen=True, slots=True)
class ViewLimits:
    """What is shown of a page at most: blocks, and characters of a kept and of a dropped one. None: all."""

    blocks: int | None = None
    kept: int | None = None
    dropped: int | None = None


WHOLE_PAGE = ViewLimits()
SAMPLE_PAGE = ViewLimits(blocks=600, kept=4000, dropped=300)


@dataclass(frozen=True, slots=True)
class BlockView:
    """`kind` and `rule` of one that was dropped, else None and empty. `doubt`: look whether this is right."""

    text: str
    type: str
    kind: str | None = None
    rule: str = ""
    score: float | None = None
    place: str = ""
    memory: str = ""
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class BlockRun:
    """Blocks in a row; where they are all dropped and `folded`, with `counts` of their kinds."""

    blocks: tuple[BlockView, ...]
    folded: bool
    counts: Mapping[str, int]

    @property
    def doubt(self) -> bool:
        """A block of it is worth a look."""
        return any(block.doubt for block in self.blocks)


@dataclass(frozen=True, slots=True)
class PageView:
    """One page. `reject` is why it gave no article. `strip` are its blocks as a picture: kind (empty for kept), width.

    `whole`: its dropped blocks are known, not only counted. `left_out` blocks at the end are not shown.
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
        return sum(self.counts.values())

    @property
    def doubts(self) -> int:
        """How many blocks are worth a look."""
        return sum(block.doubt for run in self.runs for block in run.blocks)


def view_of_blocks(
    document: Document, memory: Mapping[int, str], limits: ViewLimits
) -> tuple[tuple[BlockRun, ...], tuple[tuple[str, int], ...], int]:
    """A document's blocks in runs, the picture of all of them, and how many are left out of the runs."""
    shown = document.blocks[: limits.blocks]
    blocks = [_view(block, memory.get(index, ""), limits) for index, block in enumerate(shown)]
    return tuple(_runs(blocks)), strip_of(document.blocks), len(document.blocks) - len(shown)


def text_runs(text: str, limits: ViewLimits) -> tuple[BlockRun, ...]:
    """The paragraphs of a text, all of them kept."""
    blocks = tuple(
        BlockView(_clipped(part, limits.kept), BlockType.PARAGRAPH.value)
        for part in text.split("\n\n")[: limits.blocks]
    )
    return (BlockRun(blocks, False, {}),)


def strip_of(blocks: Iterable[Block]) -> tuple[tuple[str, int], ...]:
    """Kind and width, in characters to the power of a half, of what stands side by side."""
    kinds = groupby(blocks, key=lambda block: block.dropped_by.kind.value if block.dropped_by else "")
    return tuple((kind, max(1, round(sum(len(block.text) ** 0.5 for block in group)))) for kind, group in kinds)


def _runs(blocks: Sequence[BlockView]) -> Iterator[BlockRun]:
    """Long rows of dropped blocks by themselves; shorter ones stay between the kept."""
    loose: list[BlockView] = []
    rows = [(dropped, tuple(row)) for dropped, row in groupby(blocks, key=lambda block: block.kind is not None)]
    for at, (dropped, row) in enumerate(rows):
        if dropped and len(row) >= (_FOLDED_WITHIN if 0 < at < len(rows) - 1 else _FOLDED_OUTSIDE):
            if loose:
                yield BlockRun(tuple(loose), False, {})
                loose = []
            yield BlockRun(row, True, Counter(block.kind for block in row if block.kind))
        else:
            loose += row
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
        doubt=_is_doubtful(block),
    )


def _is_doubtful(block: Block) -> bool:
    if block.score is None or len(block.text) < _LONG:
        return False
    if block.dropped_by is None:
        return block.score < _DOUBTFUL
    return block.score >= _DOUBTED and block.dropped_by.kind.value not in _LIKE_TEXT


def _clipped(text: str, most: int | None) -> str:
    return text if most is None or len(text) <= most else text[:most].rstrip() + " …"
