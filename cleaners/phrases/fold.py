"""The forms of a text that phrases are matched in: typography folded, ornaments gone; case kept, or gone too."""

from __future__ import annotations

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

# Bullets, arrows and pictograms that outlets hang before or behind a label; no word is lost with them.
_ORNAMENTS = (
    " \t\r\n\xa0\u3000-|>*•·‣◦●○■□▪▫◆◇★☆♦▲△▼▽▶▷►▸▹◀◁◄»›‹→➔➜➝➞➡⇒↑↓↗✉✓✔✍⏱⏰⏵▌📷📸🎧🔊🎥📹📺🔗📧📩📌👉👇📲🕒🕐💬📰🔴📢"
)

# What is one letter to `re.IGNORECASE`, and to `str.lower` two or another one.
_LETTERS = str.maketrans("\u0130\u0131\u017f\u03a3\u03c2\u00b5", "iis\u03c3\u03c3\u03bc")  # İ ı ſ Σ ς µ


def fold(text: str) -> str:
    """The text with white space, quotes, apostrophes, dashes and full-width punctuation plain, outer ornaments gone."""
    return " ".join(text.translate(_FOLDS).split()).strip(_ORNAMENTS)


def caseless(text: str) -> str:
    """The text in small letters, one for each letter."""
    return text.lower() if text.isascii() else text.translate(_LETTERS).lower()
