"""Kept blocks → the record's text."""

from __future__ import annotations

from collections.abc import Iterable

from .blocks import Block, BlockType

BULLET = "• "


def render(blocks: Iterable[Block]) -> str:
    """Blocks parted by an empty line; list items by a newline and led by "• "; lines that a `<br>` parted, by a newline."""
    parts: list[str] = []
    before: Block | None = None
    for block in blocks:
        if block.dropped_by:
            continue
        item = block.type is BlockType.LIST_ITEM
        text = BULLET + block.text if item and not block.text.startswith(BULLET) else block.text
        if before is not None:
            close = (
                block.tight
                or (item and before.type is BlockType.LIST_ITEM)
                or (block.type is before.type is BlockType.TABLE_ROW)
            )
            parts.append("\n" if close else "\n\n")
        parts.append(text)
        before = block
    return "".join(parts)
