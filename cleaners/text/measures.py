"""Measure texts: how long one is to a reader, whether it is prose, how much two have in common."""

from __future__ import annotations

import re

from cleaners.document import BlockType
from cleaners.text.normalize import letters_only

_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")


def weight(text: str) -> int:
    """Length in characters, where one of a script without spaces or of syllables (Chinese, Japanese, Korean) counts three."""
    return len(text) if text.isascii() else len(text) + 2 * len(_CJK.findall(text))


_PROSE = 80  # weighted characters from which on a sentence is no label
_LONG = 200  # the same for what does not end as a sentence
_RUNNING = (BlockType.PARAGRAPH, BlockType.QUOTE)
# `plain.lines` knows more of them, for text without markup; `classifier.texts` takes no colon, as the models were trained.
_ENDS = (".", "!", "?", "…", "。", "！", "？", ":", "：")
_CLOSERS = " \"'”’»)」』]"


def is_prose(text: str, kind: BlockType, link_density: float, weight: int) -> bool:
    """Tell whether a block is running text: not a label, not made of links, a sentence or longer than any title.

    `weight` is the text's weighted length.
    """
    return weight >= _PROSE and link_density < 0.5 and kind in _RUNNING and (weight >= _LONG or ends_sentence(text))


def ends_sentence(text: str) -> bool:
    """Whether the text ends as sentences do, quotation marks and brackets aside."""
    return text.rstrip(_CLOSERS).endswith(_ENDS)


_WORDS = re.compile(r"\w+").findall


def word_set(text: str) -> set[str]:
    """Words, or pairs of characters where a script sets no spaces."""
    found = set(_WORDS(text.casefold()))
    if len(found) * 12 < len(text):
        folded = letters_only(text)
        return {folded[at : at + 2] for at in range(len(folded) - 1)}
    return found


def word_overlap(one: set[str], other: set[str], least: int = 5) -> float:
    """Return the share of the smaller set that is in the larger, 0..1; 0 where either has fewer than `least` members."""
    small = min(len(one), len(other))
    return len(one & other) / small if small >= least else 0.0
