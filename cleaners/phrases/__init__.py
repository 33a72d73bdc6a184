"""Match boilerplate phrases, which are data: one TOML file a language, one `[[phrase]]` a phrase; "any" is for all languages.

A phrase says that a block (one line or paragraph of a page) is clutter when its pattern matches the whole block. Its `requires`
is the second sign it needs. `Phrase` describes the keys.
"""

from __future__ import annotations

from cleaners.phrases.phrase import Phrase, PhraseError
from cleaners.phrases.phrase_matcher import Phrases, load_phrases, phrases_of
from cleaners.text.normalize import normalize_typography

__all__ = ["Phrase", "PhraseError", "Phrases", "load_phrases", "normalize_typography", "phrases_of"]
