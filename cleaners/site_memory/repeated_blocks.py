"""Which kept blocks of a page are the outlet's own, going by how many of its articles carry them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleaners.document import Block, BlockType, Drop, Kind
from cleaners.site_memory.agency_credit import is_credit
from cleaners.site_memory.block_keys import block_key, headline_key, key_digest, normalize_for_counting
from cleaners.text.measures import weight

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.site_memory.memory_value import Recurrence, SiteMemory

# Weighted characters.
_SENTENCE = 40  # from here on a line is a sentence that two articles do not share by chance
_LABEL = 12  # a shorter one may be an author's initials
_PROSE = 60  # what only this article says, and so marks where it begins and ends
_COPY = 0.6  # share of a page's text; where more is known, the page is a copy of an article, not a form filled in
_OPENING = 40  # characters of a description that tell the block it was taken from


def repeated_drops(
    blocks: Sequence[Block], memory: SiteMemory, *, title: str | None = None, description: str | None = None
) -> dict[int, Drop]:
    """Index → the drop of each kept block that the outlet repeats. `title` and `description` are the page's own."""
    page = _read(blocks, memory, title)
    if page is None:
        return {}
    opening = normalize_for_counting(description or "")[:_OPENING]
    found: dict[int, Recurrence] = {}
    for index in page.kept:
        recurrence = page.known.get(index)
        if recurrence is None or is_credit(blocks[index].text, memory.names):
            continue
        need = _needed(blocks[index], recurrence, memory.seen, page.at_edge(index))
        if opening and len(opening) >= _OPENING and normalize_for_counting(blocks[index].text).startswith(opening):
            need = max(need, 4, memory.seen / 2)  # it is what the page itself takes for its opening
        if recurrence.articles >= need:
            found[index] = recurrence
    _spare_subheads(blocks, page.kept, found)
    # No page loses its whole text: `_read` found blocks that only this article has, and those are never in `found`.
    known = sum(weight(blocks[index].text) for index in found)
    if known > _COPY * sum(weight(blocks[index].text) for index in page.kept):
        return {}
    return {
        index: Drop(Kind.REPEATED, f"memory:{recurrence.articles}/{memory.seen}") for index, recurrence in found.items()
    }


def apply_memory(
    blocks: Sequence[Block], memory: SiteMemory, *, title: str | None = None, description: str | None = None
) -> list[Block]:
    """The blocks, with those that the outlet repeats labelled as dropped."""
    drops = repeated_drops(blocks, memory, title=title, description=description)
    return [block._replace(dropped_by=drops[at]) if at in drops else block for at, block in enumerate(blocks)]


def known_recurrences(
    blocks: Sequence[Block], memory: SiteMemory, *, title: str | None = None
) -> dict[int, Recurrence]:
    """Index → what is known of each block, kept or dropped, that several articles carry. `title` is the page's own."""
    if not memory.blocks:
        return {}
    own = headline_key(title)
    found: dict[int, Recurrence] = {}
    for index, block in enumerate(blocks):
        key = block_key(block.text, memory.headlines, own)
        if key and (recurrence := memory.blocks.get(key_digest(key))) and recurrence.articles > 1:
            found[index] = recurrence
    return found


@dataclass(frozen=True, slots=True)
class _Page:
    """`kept` are indexes in page order; `known` are those that other articles carry too; `first` and `last` bound what only
    this article says.
    """

    kept: Sequence[int]
    known: Mapping[int, Recurrence]
    first: int
    last: int

    def at_edge(self, index: int) -> bool:
        return not self.first < index < self.last


def _read(blocks: Sequence[Block], memory: SiteMemory, title: str | None) -> _Page | None:
    """None where nothing of the page is known, or nothing of it is its own."""
    kept = [index for index, block in enumerate(blocks) if block.dropped_by is None]
    found = known_recurrences([blocks[index] for index in kept], memory, title=title)
    known = {kept[at]: recurrence for at, recurrence in found.items()}
    alone = [index for index in kept if index not in known and weight(blocks[index].text) >= _PROSE]
    return _Page(kept, known, alone[0], alone[-1]) if known and alone else None


def _needed(block: Block, recurrence: Recurrence, seen: int, at_edge: bool) -> float:
    """How many articles must carry a block before it is the outlet's.

    Few articles of many are proof only where no author would write the line by chance, or where templates put theirs:
    before the first and after the last of what only this article says, or more than once in a page.
    """
    few = 2 if seen <= 6 else 3 if seen <= 15 else 4
    length = weight(block.text)
    asks = block.text.endswith((":", "："))  # as who speaks in an interview
    if recurrence.within and length >= _LABEL and not asks:
        return max(few, 0.1 * seen)
    if length >= _SENTENCE:
        return max(few, 0.1 * seen) if at_edge else min(max(few, 0.3 * seen), max(12, 0.15 * seen))
    if length >= _LABEL and at_edge:
        return max(few, 0.3 * seen)
    if length >= _LABEL or at_edge or (recurrence.within and not asks):
        return max(3 if seen <= 5 and length >= _LABEL else 4, 0.5 * seen)
    return float("inf") if asks else max(5, 0.8 * seen)


def _spare_subheads(blocks: Sequence[Block], kept: Sequence[int], found: dict[int, Recurrence]) -> None:
    """Keep a heading as long as something stays under it: "Background" heads other words in every article."""
    under = False
    for index in reversed(kept):
        if blocks[index].type is not BlockType.HEADING:
            under = under or index not in found
        else:
            if under and index in found and not found[index].within:
                del found[index]
            under = False
