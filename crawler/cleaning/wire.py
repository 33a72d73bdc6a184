"""A document on its way between processes: blocks as plain tuples, as pickled objects they take three times as long."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from typing import Any

from cleaners.blocks import Block, BlockType, Document, Drop, Kind

Packed = tuple[list[tuple[Any, ...]], tuple[Any, ...]]
_OTHERS = tuple(field.name for field in fields(Document) if field.name != "blocks")


def pack(document: Document) -> Packed:
    """The document as nested tuples of plain values."""
    blocks = [
        (
            block.text,
            block.type.value,
            block.place,
            block.tight,
            block.score,
            (block.dropped_by.kind.value, block.dropped_by.rule) if block.dropped_by else None,
        )
        for block in document.blocks
    ]
    return blocks, tuple(getattr(document, name) for name in _OTHERS)


def unpack(packed: Packed) -> Document:
    """The document again, equal to the one that was packed."""
    blocks, others = packed
    return Document(
        blocks=tuple(
            Block(text, _TYPES[kind], place, tight, score, _drop(*drop) if drop else None)
            for text, kind, place, tight, score, drop in blocks
        ),
        **dict(zip(_OTHERS, others, strict=True)),
    )


_TYPES = {kind.value: kind for kind in BlockType}


@lru_cache(maxsize=4096)  # rules are few
def _drop(kind: str, rule: str) -> Drop:
    return Drop(Kind(kind), rule)
