"""Normalize texts for comparison: letters only, typography, case."""

from __future__ import annotations

import re

_NOT_LETTERS = re.compile(r"[\W_]+")
# Deleted without a search; most texts have nothing else to delete.
_ASCII_NOT_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())
# U+2000 to U+203F in UTF-8: spaces, dashes and quotes, no letters. Most texts that are left have only these.
_PUNCTUATION = re.compile(rb"\xe2\x80[\x80-\xbf]")

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f"  # hyphens, joiners, variation selectors
_PLAIN_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ´`′＇", "'"),
        **dict.fromkeys("“”„‟″＂«", '"'),
        **dict.fromkeys("‐‑‒–—―−－", "-"),
        **dict.fromkeys(_INVISIBLE, None),
        "：": ":",
        "！": "!",
        "？": "?",
        "（": "(",
        "）": ")",
        "［": "[",
        "］": "]",
        "｜": "|",
        "／": "/",
        "，": ",",
        "…": "...",
        "＞": ">",
    }
)

# Bullets, arrows and pictograms that sites put before or after a label; stripping them loses no word.
_ORNAMENTS = (
    " \t\r\n\xa0\u3000-|>*•·‣◦●○■□▪▫◆◇★☆♦▲△▼▽▶▷►▸▹◀◁◄»›‹→➔➜➝➞➡⇒↑↓↗✉✓✔✍⏱⏰⏵▌📷📸🎧🔊🎥📹📺🔗📧📩📌👉👇📲🕒🕐💬📰🔴📢"
)

# One letter to `re.IGNORECASE`, but two or a different one to `str.lower`.
_IRREGULAR_CASE = str.maketrans("\u0130\u0131\u017f\u03a3\u03c2\u00b5", "iis\u03c3\u03c3\u03bc")  # İ ı ſ Σ ς µ


def letters_only(text: str) -> str:
    """Return a text's letters and digits without case: "sternde" for both "Stern.de" and "STERN de"."""
    letters = text.casefold()
    if letters.isascii():
        return letters.encode().translate(None, _ASCII_NOT_LETTERS).decode()
    encoded = letters.encode("utf-8", "surrogatepass").translate(None, _ASCII_NOT_LETTERS)
    letters = _PUNCTUATION.sub(b"", encoded).decode("utf-8", "surrogatepass")
    return letters if letters.isalnum() else _NOT_LETTERS.sub("", letters)


def normalize_typography(text: str) -> str:
    """Make white space, quotes, apostrophes, dashes and full-width punctuation plain, and strip ornaments at the ends."""
    return " ".join(text.translate(_PLAIN_TYPOGRAPHY).split()).strip(_ORNAMENTS)


def fold_case(text: str) -> str:
    """Return the text in lower case, one letter for each letter."""
    return text.lower() if text.isascii() else text.translate(_IRREGULAR_CASE).lower()
