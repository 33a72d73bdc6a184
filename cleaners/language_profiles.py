"""langdetect with its profiles read in a tenth of the time: what it computes of them is computed as it is asked for."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import orjson

_REMEMBERED = 16_384  # n-grams whose row is kept; a language has some 3,000 that matter


class _Probabilities(set[str]):
    """All n-grams of all profiles; indexed by one of them, its share in each language, as langdetect's own map has it."""

    def __init__(self, profiles: list[dict[str, Any]]):
        super().__init__()
        self.update(*(profile["freq"] for profile in profiles))
        self._profiles = [(profile["freq"], (1, *profile["n_words"])) for profile in profiles]
        self._row = lru_cache(maxsize=_REMEMBERED)(self._make_row)

    def __getitem__(self, ngram: str) -> list[float]:
        return self._row(ngram)

    def _make_row(self, ngram: str) -> list[float]:
        length = len(ngram)
        if not 1 <= length <= 3:
            return [0.0] * len(self._profiles)
        return [counts.get(ngram, 0) / totals[length] for counts, totals in self._profiles]


def detector_factory(seed: int) -> Any:
    """A langdetect.DetectorFactory with all its profiles; the seed makes its sampling the same every time."""
    from langdetect import DetectorFactory

    folder = files("langdetect").joinpath("profiles")
    profiles = [orjson.loads(file.read_bytes()) for file in sorted(folder.iterdir(), key=lambda file: file.name)]
    factory = DetectorFactory()
    factory.seed = seed
    factory.langlist = [profile["name"] for profile in profiles]
    factory.word_lang_prob_map = _Probabilities(profiles)
    return factory
