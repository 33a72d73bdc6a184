"""Store an article's blocks in its `.part` line until the run is finalized: the span of each in the text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cleaners.document import LEARNED, Block, BlockType, Document, Drop, Kind, render
from cleaners.site_memory import is_counted

if TYPE_CHECKING:
    from output.records.pending import Pending, Span

_TYPES = {kind.value[0]: kind for kind in BlockType}


def with_blocks(pending: Pending, document: Document) -> Pending:
    """Add the document's kept blocks, and the texts that the classifier alone dropped."""
    spans: list[Span] = []
    end = 0
    for block in document.blocks:
        if block.dropped_by is None:
            start = document.text.find(block.text, end)
            end = start + len(block.text)
            letter = block.type.value[0]
            spans.append((letter.upper() if block.tight else letter, start, end))
    drops = tuple(block.text for block in document.blocks if block.dropped_by and is_counted(block))
    return replace(pending, spans=tuple(spans), classifier_drops=drops)


def read_blocks(text: str, pending: Pending) -> list[Block]:
    """Return the kept blocks of an article with this text; [] if none are stored or they do not add up to the text."""
    found = [
        Block(text[start:end], _TYPES[letter.lower()], tight=letter.isupper()) for letter, start, end in pending.spans
    ]
    return found if render(found) == text else []


def read_classifier_drops(pending: Pending) -> list[Block]:
    """Return the blocks that only the classifier dropped from an article."""
    return [Block(text, dropped_by=Drop(Kind.OTHER, LEARNED)) for text in pending.classifier_drops]
