"""Which segments are running text beyond doubt."""

from __future__ import annotations

import re

from .blocks import BlockType
from .segment import Segment

_PROSE = 80  # weighted characters from which on a sentence is no label
_LONG = 200  # the same for what does not end as a sentence
_END = re.compile(r"[.!?…。！？:：][\"'”’»)」』\]]*\s*$")


def is_prose(segment: Segment) -> bool:
    """A paragraph that is no label and not made of links: a sentence of some length, or text that is longer than any title."""
    return (
        segment.type in (BlockType.PARAGRAPH, BlockType.QUOTE)
        and segment.link_density < 0.5
        and segment.weight >= (_PROSE if ends_sentence(segment.text) else _LONG)
    )


def ends_sentence(text: str) -> bool:
    """Whether the text ends as sentences do, quotation marks and brackets aside."""
    return _END.search(text) is not None
