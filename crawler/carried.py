"""What an article's line carries of its blocks until the run is finished: where each stands in the text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cleaners.blocks import LEARNED, Block, BlockType, Document, Drop, Kind
from cleaners.memory import is_counted
from cleaners.render import render

# Private keys of the line.
BLOCKS = (
    "_blocks"  # of each kept block: its type's first letter, a capital where it is tight; its start and end in the text
)
TAKEN = "_taken"  # texts that the classifier alone took: it may keep them on the next page, so memory counts them, too
SITE = "_site"

_TYPES = {kind.value[0]: kind for kind in BlockType}


def as_private(document: Document, site: str) -> dict[str, Any]:
    """The private keys of an article's line: its outlet, its kept blocks, and what the classifier took."""
    rows: list[tuple[str, int, int]] = []
    end = 0
    for block in document.blocks:
        if block.dropped_by is None:
            start = document.text.find(block.text, end)
            end = start + len(block.text)
            letter = block.type.value[0]
            rows.append((letter.upper() if block.tight else letter, start, end))
    taken = [block.text for block in document.blocks if block.dropped_by and is_counted(block)]
    return {SITE: site, BLOCKS: rows, **({TAKEN: taken} if taken else {})}


def blocks_of(record: Mapping[str, Any]) -> list[Block]:
    """The blocks of an article's line, all kept; [] where it carries none, or some that do not give its text."""
    text = record["text"]
    found = [
        Block(text[start:end], _TYPES[letter.lower()], tight=letter.isupper())
        for letter, start, end in record.get(BLOCKS) or ()
    ]
    return found if render(found) == text else []


def taken_of(record: Mapping[str, Any]) -> list[Block]:
    """What the classifier alone took of an article's line."""
    return [Block(text, dropped_by=Drop(Kind.OTHER, LEARNED)) for text in record.get(TAKEN) or ()]
