"""The form of a text that phrases are matched in: typography folded, ornaments gone, case kept."""

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


def fold(text: str) -> str:
    """The text with white space, quotes, apostrophes, dashes and full-width punctuation plain, outer ornaments gone."""
    return " ".join(text.translate(_FOLDS).split()).strip(_ORNAMENTS)
