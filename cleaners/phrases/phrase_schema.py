"""Validate phrase files. The tests validate those that ship with the package, so a start does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from cleaners.document import Kind
from cleaners.phrases.phrase import PhraseError, Requirement

if TYPE_CHECKING:
    from collections.abc import Mapping

_Text = Annotated[str, Field(min_length=1)]
_Examples = Annotated[tuple[str, ...], Field(min_length=3)]

_SLOTS = TypeAdapter(dict[str, str])


class _PhraseKeys(BaseModel, extra="forbid"):
    """List the keys of a phrase; `Phrase` describes them."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    kind: Kind
    requires: Requirement
    pattern: _Text | Annotated[tuple[_Text, ...], Field(min_length=1)]
    matches: _Examples
    rejects: _Examples
    max_length: Annotated[int, Field(ge=1, le=600)] = 200
    words: tuple[_Text, ...] = ()


def check_file(content: Mapping[str, Any], name: str) -> None:
    """Raise PhraseError, naming the file, the phrase and the key, on unknown or missing keys and on wrong values."""
    if unknown := content.keys() - {"slots", "phrase"}:
        raise PhraseError(f"{name}: unknown table {min(unknown)!r}: phrases belong under [[phrase]]")
    try:
        _SLOTS.validate_python(content.get("slots", {}))
    except ValidationError as error:
        raise PhraseError(f"{name}: slots: {_first_error(error)}") from None
    phrases = content.get("phrase", [])
    if not isinstance(phrases, list) or not all(isinstance(phrase, dict) for phrase in phrases):
        raise PhraseError(f"{name}: 'phrase' must be a list of tables: write [[phrase]] above each")
    for number, phrase in enumerate(phrases, 1):
        _check_phrase(phrase, f"{name}: row {phrase.get('id', number)}")


def _check_phrase(phrase: dict[str, Any], where: str) -> None:
    if "language" in phrase:
        raise PhraseError(f"{where}: language: leave it out, the file's name says it")
    try:
        _PhraseKeys.model_validate(phrase)
    except ValidationError as error:
        raise PhraseError(f"{where}: {_first_error(error)}") from None


def _first_error(error: ValidationError) -> str:
    detail = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, detail['loc'])) or 'value'}: {detail['msg']}"
