"""Outline an article's blocks in a few bytes each, until the headlines of its site, which they may quote, are known."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleaners.document import LEARNED, Block
from cleaners.site_memory.block_keys import LONGEST_TEMPLATE, headline_key, key_digest, normalize_block
from cleaners.text.measures import weight

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONG = 60  # weighted characters of a block that two articles hardly share by chance


@dataclass(frozen=True, slots=True)
class BlockOutline:
    """Hold what is needed to count an article's blocks: some 25 bytes each, and the text of short ones.

    `article` is anything that two versions of it share: its id or URL. `headline` is its own headline key. The other
    fields have an entry for each different text, ordered by last occurrence: its digest, how often it occurs, its
    weight if it is long (else 0), and its key if it is short enough to contain a headline.
    """

    article: str
    headline: str | None
    digests: array[int]
    times: array[int]
    weights: array[int]
    keys: tuple[str | None, ...]


def is_counted(block: Block) -> bool:
    """Tell whether memory counts a block: it was kept, or dropped by the block model alone.

    The model may drop a block on one page and keep it on the next.
    """
    return block.dropped_by is None or block.dropped_by.rule == LEARNED


def outline_of(article: str, blocks: Iterable[Block], title: str | None) -> BlockOutline:
    """Outline the blocks of an article that memory counts."""
    times: dict[str, int] = {}
    for block in blocks:
        if is_counted(block):
            times[block.text] = times.pop(block.text, 0) + 1  # moves the text to its last occurrence
    entries = [(key, number, weight(text)) for text, number in times.items() if (key := normalize_block(text))]
    return BlockOutline(
        article,
        headline_key(title),
        array("q", [key_digest(key) for key, _, _ in entries]),
        array("I", [number for _, number, _ in entries]),
        array("I", [size if size >= _LONG else 0 for _, _, size in entries]),
        tuple(key if len(key) <= LONGEST_TEMPLATE else None for key, _, _ in entries),
    )
