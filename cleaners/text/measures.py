"""Measure texts: how long one is to a reader, whether it is prose, how much two have in common."""

from __future__ import annotations

import re

from cleaners.document import BlockType
from cleaners.text.normalize import letters_only

_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_WORDS = re.compile(r"\w+")

# Weighted characters that a block of prose has at least: one that ends as a sentence, and any other.
_SHORTEST_SENTENCE = 80
_LONGER_THAN_TITLES = 200
_RUNNING_TEXT = (BlockType.PARAGRAPH, BlockType.QUOTE)
# `plain_text.lines` has more of them, for text without markup; `model.text_columns` has no colon, as the models were trained.
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", ":", "：")
_CLOSERS = " \"'”’»)」』]"


def weight(text: str) -> int:
    """Return a text's length in characters, with Chinese, Japanese and Korean ones counted three times."""
    return len(text) if text.isascii() else len(text) + 2 * len(_CJK.findall(text))


def is_prose(text: str, kind: BlockType, link_density: float, weight: int) -> bool:
    """Tell whether a block is running text: not a label, not made of links, a sentence or longer than any title.

    `weight` is the text's weighted length.
    """
    if weight < _SHORTEST_SENTENCE or link_density >= 0.5 or kind not in _RUNNING_TEXT:
        return False
    return weight >= _LONGER_THAN_TITLES or ends_sentence(text)


def ends_sentence(text: str) -> bool:
    """Tell whether a text ends like a sentence, ignoring closing quotation marks and brackets."""
    return text.rstrip(_CLOSERS).endswith(_SENTENCE_ENDS)


def word_set(text: str) -> set[str]:
    """Return the words of a text, or pairs of characters where its script has no spaces."""
    words = set(_WORDS.findall(text.casefold()))
    if len(words) * 12 < len(text):
        letters = letters_only(text)
        return {letters[start : start + 2] for start in range(len(letters) - 1)}
    return words


def word_overlap(one: set[str], other: set[str], least: int = 5) -> float:
    """Return the share of the smaller set that is in the larger, 0..1; 0 where either has fewer than `least` members."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller >= least else 0.0
