"""Which texts are running text beyond doubt."""

from __future__ import annotations

from .blocks import BlockType

_PROSE = 80  # weighted characters from which on a sentence is no label
_LONG = 200  # the same for what does not end as a sentence
_RUNNING = (BlockType.PARAGRAPH, BlockType.QUOTE)
# `plain.lines` knows more of them, for text without markup; `classifier.texts` takes no colon, as the models were trained.
_ENDS = (".", "!", "?", "…", "。", "！", "？", ":", "：")
_CLOSERS = " \"'”’»)」』]"


def is_prose(text: str, kind: BlockType, link_density: float, weight: int) -> bool:
    """Whether a block is a paragraph that is no label and not made of links: a sentence of some length, or text that is longer
    than any title. `weight` is the text's weighted length."""
    return weight >= _PROSE and link_density < 0.5 and kind in _RUNNING and (weight >= _LONG or ends_sentence(text))


def ends_sentence(text: str) -> bool:
    """Whether the text ends as sentences do, quotation marks and brackets aside."""
    return text.rstrip(_CLOSERS).endswith(_ENDS)
