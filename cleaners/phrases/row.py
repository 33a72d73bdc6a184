"""One phrase, and the reading of a file of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import field, replace
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from cleaners.blocks import Kind

Needs = Literal["none", "link", "edge", "sign"]
Examples = Annotated[tuple[str, ...], Field(min_length=3)]

_SLOT = re.compile(r"<([a-z_]+)>")
_SLOTS = TypeAdapter(dict[str, str])


class PhraseError(ValueError):
    """A phrase file that cannot be used; the message names the file, the row's id and the key."""


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid", strict=False))
class Phrase:
    """One row: the claim that a block with this wording is clutter of a kind.

    `pattern` is a regular expression for `re` without capturing groups, or in the file a list of them, of which one
    must match. It must match the whole folded block (see `fold`: straight quotes, plain hyphens, single spaces), upper
    or lower case alike; `(?-i:...)` minds the case, and other flags are for groups, too. `<name>` stands for the
    `[slots]` entry of that name, in the row's file or in any.toml. `max_length` is in characters. `words` are for
    patterns that do not say how a block begins and are slow for it: they are tried only on a block that holds one of
    these, written in small letters.

    `needs` is the second sign without which the claim proves nothing: "none" (the wording is proof), "link" (the block
    is mostly link text), "edge" (it stands before the first or after the last paragraph of the article), "sign" (any of
    link, edge, or repeated in the page). `go` and `stay` are what the row must and must not match; the tests hold it to
    them.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    kind: Kind
    language: str
    needs: Needs
    pattern: Annotated[str, Field(min_length=1)]
    go: Examples = field(repr=False)
    stay: Examples = field(repr=False)
    max_length: Annotated[int, Field(ge=1, le=600)] = 200
    words: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """The name under which reports know the row."""
        return f"phrase:{self.id}"

    def proven(self, *, link: bool = False, edge: bool = False, repeated: bool = False) -> bool:
        """Whether a block that matches and shows these signs is clutter."""
        match self.needs:
            case "none":
                return True
            case "link":
                return link
            case "edge":
                return edge
            case "sign":
                return link or edge or repeated


_ROW = TypeAdapter(Phrase)


def read_slots(source: Traversable) -> dict[str, str]:
    """The `[slots]` of one file: names for pieces of pattern that rows share."""
    return _slots(_toml(source), source.name)


def read_rows(source: Traversable, slots: Mapping[str, str] | None = None) -> list[Phrase]:
    """The rows of one file, whose language is the file's stem; `slots` are those of any.toml.

    Raises PhraseError on broken TOML, unknown or missing keys, wrong values, unknown slots; see also `compile_pattern`.
    """
    language = source.name.removesuffix(".toml")
    content = _toml(source)
    known = {**(slots or {}), **_slots(content, source.name)}
    if unknown := content.keys() - {"slots", "phrase"}:
        raise PhraseError(f"{source.name}: unknown table {min(unknown)!r}: rows stand under [[phrase]]")
    rows = content.get("phrase", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PhraseError(f"{source.name}: 'phrase' must be rows: write [[phrase]] above each")
    return [
        _row(row, f"{source.name}: row {row.get('id', number)}", language, known) for number, row in enumerate(rows, 1)
    ]


def _slots(content: Mapping[str, Any], name: str) -> dict[str, str]:
    try:
        return _SLOTS.validate_python(content.get("slots", {}))
    except ValidationError as error:
        raise PhraseError(f"{name}: slots: {_first(error)}") from None


def _toml(source: Traversable) -> dict[str, Any]:
    try:
        return tomllib.loads(source.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PhraseError(f"{source.name}: not valid TOML: {error}") from None
    except OSError as error:
        raise PhraseError(f"{source.name}: cannot be read: {error.strerror}") from None


def _row(row: dict[str, Any], where: str, language: str, slots: Mapping[str, str]) -> Phrase:
    if "language" in row:
        raise PhraseError(f"{where}: language: leave it out, the file's name says it")
    if isinstance(pattern := row.get("pattern"), list) and all(isinstance(part, str) for part in pattern):
        row = {**row, "pattern": "|".join(pattern)}
    try:
        phrase = _ROW.validate_python({**row, "language": language})
    except ValidationError as error:
        raise PhraseError(f"{where}: {_first(error)}") from None
    return replace(phrase, pattern=_fill(phrase.pattern, slots, where))


def compile_pattern(row: Phrase) -> re.Pattern[str]:
    """The row's whole pattern. Raises PhraseError where it is no regular expression, has capturing groups or flags of its own.

    Not part of reading: to compile hundreds of patterns one by one takes longer than all else at the start of a run.
    """
    return compiled(row, row.pattern, re.IGNORECASE)


def compiled(row: Phrase, pattern: str, flags: re.RegexFlag) -> re.Pattern[str]:
    """A piece of the row's pattern; raises as `compile_pattern` does."""
    where = f"{row.language}.toml: row {row.id}: pattern"
    try:
        ready = re.compile(pattern, flags)
    except re.error as error:
        raise PhraseError(f"{where}: {error}") from None
    if ready.groups:
        raise PhraseError(f"{where}: write (?:...) for its {ready.groups} capturing group(s)")
    if ready.flags & ~(flags | re.UNICODE):  # alternatives are compiled one by one
        raise PhraseError(f"{where}: write its flags in the groups that they are for, as in (?s:...)")
    return ready


def _fill(pattern: str, slots: Mapping[str, str], where: str) -> str:
    """The pattern with its slots filled in, also slots inside slots; a slot that holds itself is an error."""
    for _ in range(5):  # slots nest two or three deep; more is a circle
        if missing := next((name for name in _SLOT.findall(pattern) if name not in slots), None):
            raise PhraseError(f"{where}: pattern: no slot <{missing}>: known are {', '.join(sorted(slots)) or 'none'}")
        filled = _SLOT.sub(lambda match: f"(?:{slots[match[1]]})", pattern)
        if filled == pattern:
            return filled
        pattern = filled
    raise PhraseError(f"{where}: pattern: its slots go in a circle")


def _first(error: ValidationError) -> str:
    detail = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, detail['loc'])) or 'value'}: {detail['msg']}"
