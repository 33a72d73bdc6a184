"""What is made of a page, on its way between processes: the fields of a document's blocks as columns of plain values, which pickle
in a sixth of the time."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from cleaners.blocks import Block, BlockType, Document, Drop, Kind

Packed = tuple[tuple[Any, ...], tuple[Any, ...], bytes]
_OTHERS = tuple(field.name for field in fields(Document) if field.name != "blocks")
_TYPES = {kind.value: kind for kind in BlockType}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A page's document, and the MinHash signature of its text; none of a page that was refused."""

    document: Document
    signature: bytes


def pack(cleaned: Cleaned) -> Packed:
    """The document as nested tuples of plain values. Drops, of which a page has few that differ, are numbered."""
    document = cleaned.document
    texts, types, places, tights, scores, drops = zip(*document.blocks, strict=True) if document.blocks else [()] * 6
    numbers: dict[Drop | None, int] = {}
    of_blocks = [numbers.setdefault(drop, len(numbers)) for drop in drops]
    told = [(drop.kind.value, drop.rule) if drop else None for drop in numbers]
    columns = (texts, [kind.value for kind in types], places, tights, scores, of_blocks, told)
    return columns, tuple(getattr(document, name) for name in _OTHERS), cleaned.signature


def unpack(packed: Packed) -> Cleaned:
    """What was packed again, equal to what it was."""
    (texts, types, places, tights, scores, of_blocks, told), others, signature = packed
    drops = [Drop(Kind(drop[0]), drop[1]) if drop else None for drop in told]
    kinds, dropped = [_TYPES[kind] for kind in types], [drops[number] for number in of_blocks]
    blocks = tuple(map(Block, texts, kinds, places, tights, scores, dropped))
    return Cleaned(Document(blocks=blocks, **dict(zip(_OTHERS, others, strict=True))), signature)
