"""Boilerplate phrases as data: one TOML file a language, one row a phrase; "any" stands for all languages.

A row claims that a block (one line or paragraph of a page) is clutter when its pattern matches the whole block.
Its `requires` is the second sign that the claim waits for. The rows' keys are described at `Phrase`.
"""

from __future__ import annotations

from cleaners.phrases.phrase import Phrase, PhraseError
from cleaners.phrases.phrase_matcher import Phrases, load_phrases, phrases_of
from cleaners.text.normalize import normalize_typography

__all__ = ["Phrase", "PhraseError", "Phrases", "load_phrases", "normalize_typography", "phrases_of"]
