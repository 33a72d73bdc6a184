"""When two blocks are one: case, space, punctuation, numbers, dates folded, and a headline of the outlet taken for any other."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Self

from cleaners.text.measures import weight
from cleaners.text.normalize import letters_only as letters_of

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADLINE = "<>"  # what stands for a headline in a key; no folded text has these characters
_LEAST_HEADLINE = 20  # weighted characters; shorter ones are as often a plain phrase
_LONGEST_HEADLINE = 400  # characters, folded; what a page calls its headline is shorter
_MOST_AROUND = 40  # characters beside a headline, folded: more is a paragraph that happens to end in one
LONGEST_TEMPLATE = _LONGEST_HEADLINE + _MOST_AROUND  # no longer folded text holds a headline of `Headlines`

_TOKEN = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d+")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|er|e|o|a)?")
_OF = frozenset(("de", "of", "d", "del"))
_NUMBERS = re.compile(r"0{2,}")
# Japanese, Korean and Chinese months are numbers. A name counts only beside a number: "may" is a verb, too.
_MONTHS = frozenset(
    """
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
    januar jänner februar märz mai juni juli oktober dezember mrz okt dez
    janvier février mars avril juin juillet août septembre octobre novembre décembre janv févr avr juil déc
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre ene abr ago dic
    gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre gen mag giu lug set ott
    janeiro fevereiro março maio junho julho setembro outubro novembro dezembro fev mai ago out dez
    januari februari maart mei augustus maa mrt
    mars maj augusti marts desember des
    stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
    ledna února března dubna května června července srpna září října listopadu prosince
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря
    січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
    ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
""".split()
)


def normalize_for_counting(text: str) -> str:
    """A text's letters in one case, each number "0"; a date is "0" too, whichever way it writes the month."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    if (letters := letters_of(plain)).isalpha():
        return letters  # no date either
    tokens = _TOKEN.findall(plain.casefold())
    folded = [
        token if token.isalpha() else "0" if _ORDINAL.fullmatch(token) else _NUMBER.sub("0", token) for token in tokens
    ]
    for at, token in enumerate(tokens):
        if token in _MONTHS:
            before = at - 2 if at > 1 and tokens[at - 1] in _OF else at - 1
            after = at + 2 if tokens[at + 1 : at + 2] and tokens[at + 1] in _OF else at + 1
            dated = [near for near in (before, after) if 0 <= near < len(tokens) and folded[near] == "0"]
            for near in dated:
                folded[min(near, at) : max(near, at) + 1] = ["0"] * (abs(near - at) + 1)
    return _NUMBERS.sub("0", "".join(folded))


def key_digest(key: str) -> int:
    """A key's 64-bit BLAKE2b as a signed integer, which is what databases hold."""
    return int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


def headline_key(title: str | None) -> str | None:
    """A headline as `Headlines` holds it, or None for one too short to be known again."""
    folded = normalize_for_counting(title or "")
    return folded if weight(folded) >= _LEAST_HEADLINE else None


@dataclass(frozen=True, slots=True)
class Headlines:
    """Folded headlines of one outlet, and their lengths, longest first."""

    folded: frozenset[str] = frozenset()
    lengths: tuple[int, ...] = ()

    @classmethod
    def of(cls, titles: Iterable[str | None]) -> Self:
        return cls.of_folded(key for title in titles if (key := headline_key(title)))

    @classmethod
    def of_folded(cls, keys: Iterable[str]) -> Self:
        folded = frozenset(key for key in keys if len(key) <= _LONGEST_HEADLINE)
        return cls(folded, tuple(sorted({len(key) for key in folded}, reverse=True)))

    def template(self, folded: str, own: str | None) -> str | None:
        """Put a placeholder for a headline at either end: "Read more: Some Headline" → "readmore<>".

        None where no headline but the page's `own` stands there.
        """
        for length in self.lengths:
            if not length <= len(folded) <= length + _MOST_AROUND:
                continue
            for known, rest in (
                (folded[-length:], folded[:-length] + HEADLINE),
                (folded[:length], HEADLINE + folded[length:]),
            ):
                if known != own and known in self.folded:
                    return rest
        return None


@lru_cache(maxsize=4096)
def fold_block(text: str) -> str:
    """Return a block's text folded; "" where it has no letters: rows of other numbers are not one block."""
    folded = normalize_for_counting(text)
    return "" if folded == "0" else folded


def block_key(text: str, headlines: Headlines, own: str | None) -> str:
    """What a block is counted under; empty for one without letters. `own` is the page's headline, folded."""
    folded = fold_block(text)
    return (headlines.template(folded, own) if headlines.lengths else None) or folded
