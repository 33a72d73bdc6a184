"""Detect the language of a text, by langdetect: seeded, on a bounded prefix, and only where the text is long enough."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_LONGEST_SAMPLE = 1_000  # characters; more of them change the cost, no longer the answer
_FIRST_SAMPLE = 150  # characters that are enough where langdetect is certain of the page's own language tag
_CERTAIN = 0.999  # probability from which langdetect counts as certain
_SHORTEST_SAMPLE = 60  # weighted characters below which langdetect guesses
_CJK_WEIGHT = 3  # a CJK character says about as much as three Latin ones
_TRIALS = 7  # langdetect's default; one is enough to confirm the page's own tag
_HINT_SCORE = 0.5  # of a language that only the page's tag speaks for

_ALIASES = {"nb": "no", "nn": "no", "iw": "he", "in": "id"}
_NOISE = re.compile(r"https?://\S+|\S+@\S+|[\d\W_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")


def detect_language(text: str, hint: str | None = None) -> tuple[str | None, float]:
    """Return an ISO 639-1 code and its probability, 0..1; (None, 0.0) where the text is too short.

    `hint` is the page's own language tag. It decides between two languages that are about equally likely, and names languages
    that langdetect has no profile of and takes for a neighbour, such as Icelandic and Zulu.
    """
    hinted = base_language(hint)
    hinted = _ALIASES.get(hinted or "", hinted)
    scores = _scores(_sample(text, _FIRST_SAMPLE), trials=1) if hinted else {}
    if scores.get(hinted or "", 0.0) <= _CERTAIN:
        scores = _scores(_sample(text, _LONGEST_SAMPLE))
    if not scores:
        return None, 0.0
    best = max(scores, key=lambda code: scores[code])
    if hinted and hinted not in _profiles()[1] and best != "en":  # English pages often carry a wrong tag, others rarely
        return hinted, _HINT_SCORE
    if hinted in scores and scores[best] < 0.9 and scores[hinted] > 0.3:
        best = hinted
    return best, round(min(scores[best], 1.0), 4)


def _sample(text: str, length: int) -> str:
    """Return the beginning of a text without addresses, digits and punctuation, which belong to no language."""
    return _NOISE.sub(" ", text[: 2 * length]).strip()[:length]


def _scores(sample: str, trials: int = _TRIALS) -> dict[str, float]:
    """Run langdetect and map each language code to its probability.

    Empty where the sample is too short or has no known n-grams. Each of the `trials` draws other letters of the sample.
    """
    if len(sample) + (_CJK_WEIGHT - 1) * len(_CJK.findall(sample)) < _SHORTEST_SAMPLE:
        return {}
    factory, _, failure = _profiles()
    detector = factory.create()
    detector.n_trial = trials
    detector.append(sample)
    try:
        guesses = detector.get_probabilities()
    except failure:
        return {}
    scores: dict[str, float] = {}
    for guess in guesses:
        if code := base_language(guess.lang):
            scores[code] = scores.get(code, 0.0) + float(guess.prob)
    return scores


def base_language(tag: str | None) -> str | None:
    """Return the ISO 639-1 part of a language tag: "zh" for "zh-cn" and "zh_CN"; None for anything else."""
    match = re.match(r"\s*([A-Za-z]{2})(?:[-_].*)?\s*$", tag or "")
    return match[1].lower() if match else None


@cache
def _profiles() -> tuple[Any, frozenset[str | None], type[Exception]]:
    """Return langdetect's factory, the languages it knows and its exception, loaded on first use."""
    from langdetect.lang_detect_exception import LangDetectException

    from cleaners.text.language_detector import detector_factory

    factory = detector_factory(seed=0)
    return factory, frozenset(base_language(tag) for tag in factory.get_lang_list()), LangDetectException
