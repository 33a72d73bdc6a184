"""Find boilerplate phrases: one TOML file per language, "any" for all languages.

A phrase says that a block (one line or paragraph of a page) is clutter if its pattern matches the whole block. `requires`
names the second sign that must be present too. `Phrase` documents the keys.
"""

from __future__ import annotations

from cleaners.phrases.phrase import Phrase, PhraseError
from cleaners.phrases.phrase_matcher import Phrases, load_phrases, phrases_of
from cleaners.text.normalize import normalize_typography

__all__ = ["Phrase", "PhraseError", "Phrases", "load_phrases", "normalize_typography", "phrases_of"]
