"""Decide which kept blocks of a page are the site's own, by how many of its articles contain them."""

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

# Weighted characters: a sentence that two articles do not share by chance; a label, as a shorter line may be an author's
# initials; and prose long enough to mark where the article itself begins and ends.
_SENTENCE, _LABEL, _PROSE = 40, 12, 60
# A page that shares more than this part of its text with others is a copy of an article, not a filled-in template.
_COPY = 0.6
_LEAD = 40  # characters of a description that identify the block it was taken from


def repeated_drops(
    blocks: Sequence[Block], memory: SiteMemory, *, title: str | None = None, description: str | None = None
) -> dict[int, Drop]:
    """Map the index of each kept block that the site repeats to its drop. `title` and `description` are the page's own."""
    page = _find_known(blocks, memory, title)
    if page is None:
        return {}
    lead = normalize_for_counting(description or "")[:_LEAD]
    found: dict[int, Recurrence] = {}
    for index in page.kept:
        recurrence = page.known.get(index)
        if recurrence is None or is_credit(blocks[index].text, memory.names):
            continue
        need = _needed(blocks[index], recurrence, memory.articles, page.at_edge(index))
        if lead and len(lead) >= _LEAD and normalize_for_counting(blocks[index].text).startswith(lead):
            need = max(need, 4, memory.articles / 2)  # the page itself describes the article with this block
        if recurrence.articles >= need:
            found[index] = recurrence
    _spare_subheads(blocks, page.kept, found)
    # No page loses its whole text: `_find_known` requires a block of this article alone, which is never in `found`.
    known = sum(weight(blocks[index].text) for index in found)
    if known > _COPY * sum(weight(blocks[index].text) for index in page.kept):
        return {}
    return {
        index: Drop(Kind.REPEATED, f"memory:{recurrence.articles}/{memory.articles}")
        for index, recurrence in found.items()
    }


def apply_memory(
    blocks: Sequence[Block], memory: SiteMemory, *, title: str | None = None, description: str | None = None
) -> list[Block]:
    """Return the blocks, with those that the site repeats marked as dropped."""
    drops = repeated_drops(blocks, memory, title=title, description=description)
    return [block._replace(dropped_by=drops[at]) if at in drops else block for at, block in enumerate(blocks)]


def known_recurrences(
    blocks: Sequence[Block], memory: SiteMemory, *, title: str | None = None
) -> dict[int, Recurrence]:
    """Map the index of each block on several articles, kept or dropped, to its recurrence. `title` is the page's."""
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
    """Hold a page's kept blocks as indexes in page order, and those `known` from other articles.

    `first` and `last` bound what only this article says.
    """

    kept: Sequence[int]
    known: Mapping[int, Recurrence]
    first: int
    last: int

    def at_edge(self, index: int) -> bool:
        return not self.first < index < self.last


def _find_known(blocks: Sequence[Block], memory: SiteMemory, title: str | None) -> _Page | None:
    """Find the known blocks of a page. Returns None if there are none, or if nothing on the page is its own."""
    kept = [index for index, block in enumerate(blocks) if block.dropped_by is None]
    found = known_recurrences([blocks[index] for index in kept], memory, title=title)
    known = {kept[at]: recurrence for at, recurrence in found.items()}
    own = [index for index in kept if index not in known and weight(blocks[index].text) >= _PROSE]
    return _Page(kept, known, own[0], own[-1]) if known and own else None


def _needed(block: Block, recurrence: Recurrence, articles: int, at_edge: bool) -> float:
    """Return how many articles must contain a block to make it the site's.

    A few of many articles are enough only for a line that no author would write by chance, or where templates put their
    lines: before the first or after the last line of the article itself, or several times on a page.
    """
    few = 2 if articles <= 6 else 3 if articles <= 15 else 4
    length = weight(block.text)
    names_speaker = block.text.endswith((":", "："))  # in an interview
    if recurrence.repeated and length >= _LABEL and not names_speaker:
        return max(few, 0.1 * articles)
    if length >= _SENTENCE:
        return max(few, 0.1 * articles) if at_edge else min(max(few, 0.3 * articles), max(12, 0.15 * articles))
    if length >= _LABEL and at_edge:
        return max(few, 0.3 * articles)
    if length >= _LABEL or at_edge or (recurrence.repeated and not names_speaker):
        return max(3 if articles <= 5 and length >= _LABEL else 4, 0.5 * articles)
    return float("inf") if names_speaker else max(5, 0.8 * articles)


def _spare_subheads(blocks: Sequence[Block], kept: Sequence[int], found: dict[int, Recurrence]) -> None:
    """Keep a heading that has a kept block under it: "Background" heads different text in every article."""
    under = False
    for index in reversed(kept):
        if blocks[index].type is not BlockType.HEADING:
            under = under or index not in found
        else:
            if under and index in found and not found[index].repeated:
                del found[index]
            under = False
