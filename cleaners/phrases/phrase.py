"""Define a phrase, and parse the phrases of a file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from cleaners.document import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

Requirement = Literal["none", "link", "edge", "any"]

_SLOT = re.compile(r"<([a-z_]+)>")


class PhraseError(ValueError):
    """Report a phrase file that cannot be used, naming the file, the phrase's id and the key."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Describe a wording that makes a block clutter of one kind.

    `pattern` is a regular expression for `re` without capturing groups, or in the file a list of them, one of which must match. It
    must match the whole normalized block (see `normalize_typography`: straight quotes, plain hyphens, single spaces) in upper or
    lower case; `(?-i:...)` respects case, and other flags belong in groups too. `<name>` stands for the `[slots]` entry of that
    name, in the same file or in any.toml. `max_length` is in characters. `words` are for slow patterns without a fixed beginning:
    these are tried only on a block that contains one of the words, written in lower case.

    `requires` is the second sign without which a match proves nothing: "none" (the wording is proof), "link" (the block is mostly
    link text), "edge" (it stands before the first or after the last paragraph of the article), "any" (any of link, edge, or
    repeated in the page). `matches` and `rejects` are texts that the pattern must and must not match; the tests check them.
    """

    id: str
    kind: Kind
    language: str
    requires: Requirement
    pattern: str
    matches: tuple[str, ...] = field(repr=False)
    rejects: tuple[str, ...] = field(repr=False)
    max_length: int = 200
    words: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """Return the name of the phrase as a rule, as reports show it."""
        return f"phrase:{self.id}"

    def proven(self, *, link: bool = False, edge: bool = False, repeated: bool = False) -> bool:
        """Tell whether a block that matches and has these signs is clutter."""
        match self.requires:
            case "none":
                return True
            case "link":
                return link
            case "edge":
                return edge
            case "any":
                return link or edge or repeated


def read_phrases(content: Mapping[str, Any], name: str, slots: Mapping[str, str]) -> list[Phrase]:
    """Read the phrases of a file, `<language>.toml`. `slots` are those of any.toml. Raises PhraseError on unknown slots."""
    known = {**slots, **content.get("slots", {})}
    language = name.removesuffix(".toml")
    return [_row(row, f"{name}: row {row['id']}", language, known) for row in content.get("phrase", ())]


def _row(row: dict[str, Any], where: str, language: str, slots: Mapping[str, str]) -> Phrase:
    pattern = row["pattern"] if isinstance(row["pattern"], str) else "|".join(row["pattern"])
    texts: dict[str, Any] = {name: tuple(row[name]) for name in ("matches", "rejects", "words") if name in row}
    given = {**row, **texts, "kind": Kind(row["kind"]), "pattern": _fill(pattern, slots, where)}
    return Phrase(language=language, **given)


def compile_pattern(row: Phrase, pattern: str, flags: re.RegexFlag) -> re.Pattern[str]:
    """Compile one alternative of a phrase's pattern.

    Raises PhraseError if it is no valid regular expression, or has capturing groups or global flags. It is not called while
    files are parsed, because compiling hundreds of patterns takes longer than the rest of a run's start.
    """
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
    """Fill in the slots of a pattern, and the slots inside them; raise PhraseError where a slot contains itself."""
    for _ in range(5):  # slots nest two or three deep; more is a cycle
        if missing := next((name for name in _SLOT.findall(pattern) if name not in slots), None):
            raise PhraseError(f"{where}: pattern: no slot <{missing}>: known are {', '.join(sorted(slots)) or 'none'}")
        filled = _SLOT.sub(lambda match: f"(?:{slots[match[1]]})", pattern)
        if filled == pattern:
            return filled
        pattern = filled
    raise PhraseError(f"{where}: pattern: its slots go in a circle")
