"""Compute the keys that blocks are counted by, regardless of case, punctuation, numbers, dates and quoted headlines."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Self

from cleaners.text.measures import weight
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADLINE = "<>"  # stands for a headline in a key; normalized text never contains these characters
_LEAST_HEADLINE = 20  # weighted characters; a shorter one may as well be a common phrase
_LONGEST_HEADLINE = 400  # normalized characters; real headlines are shorter
_MOST_AROUND = 40  # normalized characters beside a headline; more is a paragraph that happens to end in one
LONGEST_TEMPLATE = _LONGEST_HEADLINE + _MOST_AROUND  # longer normalized texts are not searched for a headline

_TOKEN = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d+")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|er|e|o|a)?")
_OF = frozenset(("de", "of", "d", "del"))
_NUMBERS = re.compile(r"0{2,}")
# Japanese, Korean and Chinese months are numbers. A name counts only beside a number, as "may" is a verb, too.
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
    """Reduce a text to lower-case letters, with "0" for each number and for each date, however it writes the month."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    if (letters := letters_only(plain)).isalpha():
        return letters  # without digits there is no date
    tokens = _TOKEN.findall(plain.casefold())
    parts = [
        token if token.isalpha() else "0" if _ORDINAL.fullmatch(token) else _NUMBER.sub("0", token) for token in tokens
    ]
    for at, token in enumerate(tokens):
        if token in _MONTHS:
            before = at - 2 if at > 1 and tokens[at - 1] in _OF else at - 1
            after = at + 2 if tokens[at + 1 : at + 2] and tokens[at + 1] in _OF else at + 1
            dated = [near for near in (before, after) if 0 <= near < len(tokens) and parts[near] == "0"]
            for near in dated:
                parts[min(near, at) : max(near, at) + 1] = ["0"] * (abs(near - at) + 1)
    return _NUMBERS.sub("0", "".join(parts))


def key_digest(key: str) -> int:
    """Return a key's 64-bit BLAKE2b hash as a signed integer, which databases can store."""
    return int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


def headline_key(title: str | None) -> str | None:
    """Return a headline as `Headlines` holds it, or None if it is too short to be recognized."""
    key = normalize_for_counting(title or "")
    return key if weight(key) >= _LEAST_HEADLINE else None


@dataclass(frozen=True, slots=True)
class Headlines:
    """Hold the normalized headlines of one site, and their lengths, longest first."""

    keys: frozenset[str] = frozenset()
    lengths: tuple[int, ...] = ()

    @classmethod
    def of(cls, titles: Iterable[str | None]) -> Self:
        """Build from titles; those too short to be recognized are left out."""
        return cls.of_keys(key for title in titles if (key := headline_key(title)))

    @classmethod
    def of_keys(cls, keys: Iterable[str]) -> Self:
        """Build from headline keys."""
        known = frozenset(key for key in keys if len(key) <= _LONGEST_HEADLINE)
        return cls(known, tuple(sorted({len(key) for key in known}, reverse=True)))

    def template(self, key: str, own: str | None) -> str | None:
        """Replace a headline at either end with a placeholder: "Read more: Some Headline" → "readmore<>".

        Returns None if there is no headline, or only the page's `own`.
        """
        for length in self.lengths:
            if not length <= len(key) <= length + _MOST_AROUND:
                continue
            for headline, template in (
                (key[-length:], key[:-length] + HEADLINE),
                (key[:length], HEADLINE + key[length:]),
            ):
                if headline != own and headline in self.keys:
                    return template
        return None


@lru_cache(maxsize=4096)
def normalize_block(text: str) -> str:
    """Normalize a block's text; "" if it has no letters, as table rows with other numbers are not the same block."""
    normalized = normalize_for_counting(text)
    return "" if normalized == "0" else normalized


def block_key(text: str, headlines: Headlines, own: str | None) -> str:
    """Return the key that a block is counted by, "" for one without letters. `own` is the page's headline key."""
    key = normalize_block(text)
    return (headlines.template(key, own) if headlines.lengths else None) or key
