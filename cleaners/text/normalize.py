"""Normalize texts for comparison: letters only, typography, case."""

from __future__ import annotations

import re

_OTHER = re.compile(r"[\W_]+")
# Those of ASCII, which go without a search; in most texts there are no others.
_NEEDLESS = bytes(code for code in range(128) if not chr(code).isalnum())
# Most others, in UTF-8: U+2000 to U+203F, spaces, dashes, quotes, and no letter.
_PUNCTUATION = re.compile(rb"\xe2\x80[\x80-\xbf]")


def letters_only(text: str) -> str:
    """Keep letters and digits only, without case: "Stern.de" and "STERN de" become equal."""
    folded = text.casefold()
    if folded.isascii():
        return folded.encode().translate(None, _NEEDLESS).decode()
    encoded = folded.encode("utf-8", "surrogatepass").translate(None, _NEEDLESS)
    folded = _PUNCTUATION.sub(b"", encoded).decode("utf-8", "surrogatepass")
    return folded if folded.isalnum() else _OTHER.sub("", folded)


_FOLDS = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ´`′＇", "'"),
        **dict.fromkeys("“”„‟″＂«", '"'),
        **dict.fromkeys("‐‑‒–—―−－", "-"),
        **dict.fromkeys(
            "\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f", None
        ),  # invisible: hyphens, joiners, variants
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

# Bullets, arrows and pictograms that sites put before or after a label; dropping them loses no word.
_ORNAMENTS = (
    " \t\r\n\xa0\u3000-|>*•·‣◦●○■□▪▫◆◇★☆♦▲△▼▽▶▷►▸▹◀◁◄»›‹→➔➜➝➞➡⇒↑↓↗✉✓✔✍⏱⏰⏵▌📷📸🎧🔊🎥📹📺🔗📧📩📌👉👇📲🕒🕐💬📰🔴📢"
)

# What is one letter to `re.IGNORECASE`, and to `str.lower` two or another one.
_LETTERS = str.maketrans("\u0130\u0131\u017f\u03a3\u03c2\u00b5", "iis\u03c3\u03c3\u03bc")  # İ ı ſ Σ ς µ


def normalize_typography(text: str) -> str:
    """Make white space, quotes, apostrophes, dashes and full-width punctuation plain, and strip ornaments at the ends."""
    return " ".join(text.translate(_FOLDS).split()).strip(_ORNAMENTS)


def fold_case(text: str) -> str:
    """Return the text in lower case, one letter for each letter."""
    return text.lower() if text.isascii() else text.translate(_LETTERS).lower()
