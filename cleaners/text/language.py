"""Detect the language of a text with langdetect, seeded, on a bounded prefix; None where the text is too short."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_LONGEST = 1_000  # characters looked at; beyond them the answer no longer changes, only the cost
_BRIEF = 150  # characters that are enough where langdetect is certain of what the page says of itself
_CERTAIN = 0.999  # the probability from which on it is
SHORTEST_SAMPLE = 60  # weighted characters below which langdetect guesses
_TRIALS = 7  # langdetect's own; one is enough to confirm what the page says
_ON_ITS_WORD = 0.5  # the score of a language that only the page speaks for
_CJK_WEIGHT = 3  # a CJK character carries about as much as three Latin ones

_ALIASES = {"nb": "no", "nn": "no", "iw": "he", "in": "id"}
_NOISE = re.compile(r"https?://\S+|\S+@\S+|[\d\W_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")


def detect_language(text: str, hint: str | None = None) -> tuple[str | None, float]:
    """(ISO 639-1 code, probability 0..1); (None, 0.0) where the text is too short to tell.

    `hint` is what the page says of itself. It decides where the text leaves two languages about even, and where
    langdetect has no profile of the language and would name a neighbour: Icelandic, Zulu.
    """
    declared = base_language(hint)
    declared = _ALIASES.get(declared or "", declared)
    scores = _scores(_sample(text, _BRIEF), trials=1) if declared else {}
    if scores.get(declared or "", 0.0) <= _CERTAIN:
        scores = _scores(_sample(text, _LONGEST))
    if not scores:
        return None, 0.0
    best = max(scores, key=lambda code: scores[code])
    if (
        declared and declared not in _profiles()[1] and best != "en"
    ):  # English pages are mislabelled; others are what they say
        return declared, _ON_ITS_WORD
    if declared in scores and scores[best] < 0.9 and scores[declared] > 0.3:
        best = declared
    return best, round(min(scores[best], 1.0), 4)


def _sample(text: str, length: int) -> str:
    """Return the beginning of a text without what tells no language: addresses, digits, signs."""
    return _NOISE.sub(" ", text[: 2 * length]).strip()[:length]


def _scores(sample: str, trials: int = _TRIALS) -> dict[str, float]:
    """Ask langdetect `trials` times; map code to probability.

    Empty where the sample is short or says nothing. Each trial draws other letters of the sample.
    """
    if len(sample) + (_CJK_WEIGHT - 1) * len(_CJK.findall(sample)) < SHORTEST_SAMPLE:
        return {}
    factory, _, failure = _profiles()
    detector = factory.create()
    detector.n_trial = trials
    detector.append(sample)
    try:
        found = detector.get_probabilities()
    except failure:
        return {}
    scores: dict[str, float] = {}
    for guess in found:
        if code := base_language(guess.lang):
            scores[code] = scores.get(code, 0.0) + float(guess.prob)
    return scores


def base_language(tag: str | None) -> str | None:
    """Return the ISO 639-1 part of a language tag: "zh" for "zh-cn" and "zh_CN"; None for anything else."""
    match = re.match(r"\s*([A-Za-z]{2})(?:[-_].*)?\s*$", tag or "")
    return match[1].lower() if match else None


@cache
def _profiles() -> tuple[Any, frozenset[str | None], type[Exception]]:
    """Load langdetect's profiles and their languages, on first use."""
    from langdetect.lang_detect_exception import LangDetectException

    from cleaners.text.language_detector import detector_factory

    factory = detector_factory(seed=0)
    return factory, frozenset(base_language(tag) for tag in factory.get_lang_list()), LangDetectException
