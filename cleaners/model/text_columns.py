"""Compute columns that describe a page's texts: for all texts at once, from one array of their characters."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from cleaners.document import BlockType, Metadata
from cleaners.html.segment import HEADINGS, LINK, Segment
from cleaners.selection.choose import is_named_standfirst
from cleaners.text.measures import word_overlap, word_set
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cleaners.model.boosted_trees import Array

TYPES = {kind: number for number, kind in enumerate(BlockType)}
_TAGS = "p div li span h1 h2 h3 h4 td section article blockquote a button dd figcaption".split()
_TAG_NUMBERS = {tag: number for number, tag in enumerate(_TAGS)}
_RANKS = {tag: int(tag[1]) for tag in HEADINGS}
_DATE_LIKE = re.compile(r"\d{1,4}\s?[./\-年]\s?\d{1,2}|\d{1,2}:\d{2}|(?:19|20)\d\d")
_COMPARED = range(9, 700)  # characters of a text that may repeat the title or the description
_NO_OVERLAP = (0.0, 0.0, 0.0, 0.0)  # the columns of any other text
_DESCRIPTION_START = 60  # letters and digits of the description that a text may begin with
_STANDFIRST = 25  # a standfirst has more characters
_SEPARATOR = "\0"  # between the texts; no text contains one

# Classes of characters, as bits.
_DIGIT, _UPPER, _SIGN, _COMMA, _END, _SPACE, _LIST, _QUOTE, _COLON, _QUESTION, _CLOSER, _LAST = (
    1 << bit for bit in range(12)
)
_BITS = {
    _SIGN: "|»›→▶►©•·@#/",
    _COMMA: ",、，",
    _END: ".!?。！？",
    _SPACE: " ",
    _LIST: "、",
    _QUOTE: "\"'“„«»‘「『",
    _COLON: ":：",
    _QUESTION: "?？",
    _CLOSER: " \"'”’»)」』",
    _LAST: ".!?…。！？",
    _DIGIT: "0123456789０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९",
}
_CAPITALS = (("A", "Z"), ("À", "Ö"), ("Ø", "Þ"), ("А", "Я"))
_BEYOND = 0xFFFF  # stands for all characters outside the basic plane, which belong to no class

TEXT_FEATURE_NAMES = (
    "weight", "words", "ends", "clauses", "digits", "uppercase", "date_like", "signs", "colon", "quote", "question", "comma_rate",
    "link_density", "bold_density", "tight", "type", "tag", "heading_rank", "repeats",
)  # fmt: skip
NEIGHBOUR_FEATURE_NAMES = ("named_standfirst", "title_overlap", "description_overlap", "is_description")


def text_columns(segments: Sequence[Segment], metadata: Metadata) -> dict[str, Array]:
    """Return the columns of `TEXT_FEATURE_NAMES` and `NEIGHBOUR_FEATURE_NAMES`, each of shape (segments,).

    Rates are per character of the text.
    """
    return _character_columns(segments) | _markup_columns(segments) | _repetition_columns(segments, metadata)


def _character_columns(segments: Sequence[Segment]) -> dict[str, Array]:
    texts = [segment.text for segment in segments]
    joined = _SEPARATOR.join(texts) + _SEPARATOR
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    starts = np.cumsum(sizes + 1) - sizes - 1
    bits = _character_bits()[np.minimum(codes, _BEYOND)]
    spaced = np.append(bits[1:] & _SPACE, 0) > 0

    def count(mask: NDArray[np.bool_]) -> Array:
        return np.add.reduceat(mask, starts, dtype=np.float32)

    last = bits[starts + sizes - 1]
    ends = last & _LAST > 0
    for index in np.flatnonzero(last & _CLOSER):
        ends[index] = texts[index].rstrip(_BITS[_CLOSER]).endswith(tuple(_BITS[_LAST]))
    commas = bits & _COMMA > 0
    clause = (bits & _END > 0) & spaced | (bits & _LIST > 0) | (codes == ord(",")) & spaced
    dated = np.zeros(len(texts), np.float32)
    digits = count(bits & _DIGIT > 0)
    for index in np.flatnonzero(digits):
        dated[index] = _DATE_LIKE.search(texts[index]) is not None
    return {
        "weight": np.fromiter((segment.weight for segment in segments), np.float32, len(texts)),
        "words": count(bits & _SPACE > 0) + 1,
        "ends": ends,
        "clauses": count(clause),
        "digits": digits / sizes,
        "uppercase": count(bits & _UPPER > 0) / sizes,
        "date_like": dated,
        "signs": count(bits & _SIGN > 0) / sizes,
        "colon": last & _COLON > 0,
        "quote": bits[starts] & _QUOTE > 0,
        "question": count(bits & _QUESTION > 0) > 0,
        "comma_rate": count(commas) / sizes,
    }


def _markup_columns(segments: Sequence[Segment]) -> dict[str, Array]:
    texts = [segment.text for segment in segments]
    tags = [segment.node.tag for segment in segments]
    repeats = Counter(texts)
    columns: dict[str, list[float]] = {
        "link_density": [segment.link_density for segment in segments],
        "bold_density": [min(1.0, s.bold_chars / len(s.text)) if s.bold_chars else 0.0 for s in segments],
        "tight": [segment.tight for segment in segments],
        "type": [TYPES[segment.type] for segment in segments],
        "tag": [_TAG_NUMBERS.get(tag, len(_TAGS)) for tag in tags],
        "heading_rank": [_RANKS.get(tag, 0) for tag in tags],
        "repeats": [repeats[text] for text in texts],
    }
    return {name: np.array(column, np.float32) for name, column in columns.items()}


def _repetition_columns(segments: Sequence[Segment], metadata: Metadata) -> dict[str, Array]:
    """Compare each text with the page's title and description, and tell whether its element is named for a standfirst."""
    title, description = word_set(metadata.title or ""), word_set(metadata.description or "")
    start = letters_only(metadata.description or "")[:_DESCRIPTION_START]
    rows = [_NO_OVERLAP] * len(segments)
    for index, segment in enumerate(segments):
        if len(segment.text) in _COMPARED and segment.link_density < LINK:
            words = word_set(segment.text)
            rows[index] = (
                len(segment.text) > _STANDFIRST and is_named_standfirst(segment),
                word_overlap(words, title, least=2),
                word_overlap(words, description, least=4),
                len(start) > _DESCRIPTION_START / 2 and segment.key[:_DESCRIPTION_START] == start,
            )
    return dict(zip(NEIGHBOUR_FEATURE_NAMES, np.array(rows, np.float32).T, strict=True))


@cache
def _character_bits() -> NDArray[np.uint16]:
    """Return the bits of each character of the basic plane."""
    table = np.zeros(_BEYOND + 1, np.uint16)
    for bit, chars in _BITS.items():
        table[[ord(char) for char in chars]] |= bit
    for first, last in _CAPITALS:
        table[ord(first) : ord(last) + 1] |= _UPPER
    table[_BEYOND] = 0
    return table
