"""Match a block against all phrases at once."""

from __future__ import annotations

import tomllib
from functools import cache, lru_cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from cleaners.phrases.compiled_pattern import CompiledPattern, compile_alternatives, prefix_of
from cleaners.phrases.phrase import Phrase, PhraseError, Requirement, read_phrases
from cleaners.text.normalize import fold_case, normalize_typography

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from importlib.resources.abc import Traversable

EVERYWHERE = frozenset({"any", "en"})  # pages of every language have English widgets
IDEOGRAPHIC = frozenset({"ja", "zh", "ko"})  # written in characters from `CJK` on
ALIASES = {"nb": "no", "nn": "no"}
CJK = "\u2e80"  # the first CJK block of Unicode
_CACHED = 8192  # short lines whose result is cached: a site's menus are on each of its pages
_ORDER: tuple[Requirement, ...] = ("none", "link", "edge", "any")


class _PatternIndex:
    """Hold the phrases of one `requires`, and try only those that begin as the block does; phrases with words come last."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        in_order = sorted(phrases, key=lambda phrase: bool(phrase.words))
        self._patterns = [pattern for phrase in in_order for pattern in compile_alternatives(phrase)]
        begun: dict[str, list[int]] = {"": []}
        for number, pattern in enumerate(self._patterns):
            for one in pattern.prefixes or ("",):
                begun.setdefault(one, []).append(number)
        self._begun = begun
        self._tried: dict[str, list[CompiledPattern]] = {}

    def compile(self) -> None:
        for pattern in self._patterns:
            pattern.compile()

    def match(self, text: str, plain: str, begun: str) -> Phrase | None:
        """Return the first phrase that matches, or None; `begun` is the prefix of the text."""
        while begun not in self._begun:
            begun = begun[:-1]
        tried = self._tried.get(begun)
        for pattern in self._beginning(begun) if tried is None else tried:
            if pattern.matches(text, plain):
                return pattern.phrase
        return None

    def _beginning(self, begun: str) -> list[CompiledPattern]:
        """Return the patterns to try, in order, on a block whose longest known prefix is this."""
        numbers = {number for length in range(len(begun) + 1) for number in self._begun.get(begun[:length], ())}
        found = self._tried[begun] = [self._patterns[number] for number in sorted(numbers)]
        return found


class Phrases:
    """Hold phrases, ready to match. Strict phrases (`requires` is "none") are tried before those that need a second sign."""

    def __init__(self, rows: Iterable[Phrase]) -> None:
        self.rows = tuple(rows)
        self.languages = frozenset(row.language for row in self.rows)
        self._ideographic = self.languages & (EVERYWHERE | IDEOGRAPHIC)
        self._alphabetic = self.languages - IDEOGRAPHIC
        self._longest = max((row.max_length for row in self.rows), default=0)
        self._made: dict[tuple[frozenset[str], Requirement], _PatternIndex | None] = {}
        self._asked: dict[frozenset[str], list[list[_PatternIndex]]] = {}
        self._find = lru_cache(maxsize=_CACHED)(self._search)

    def match(self, text: str, languages: Collection[str] | None = None) -> Phrase | None:
        """Return the first phrase that matches the block, or None. Whether it drops the block depends on its `requires`.

        A pattern is compiled when a block first begins like it; a bad one raises PhraseError then. `languages` are codes such as
        "de" or "de-AT"; English and "any" are always tried. None tries all languages whose script the block is in.
        """
        return next(iter(self.matches(text, languages)), None)

    def matches(self, text: str, languages: Collection[str] | None = None) -> tuple[Phrase, ...]:
        """Return the first matching phrase of each `requires`, strictest first: where one lacks its sign, the next may have it."""
        if len(text) > 2 * self._longest or len(text := " ".join(text.split())) > self._longest:
            return ()
        if not (folded := normalize_typography(text)):
            return ()
        if languages is not None:
            named = {code[:2].lower() for code in languages}
            return self._find(folded, self.languages & (EVERYWHERE | {ALIASES.get(code, code) for code in named}))
        return self._find(folded, self._ideographic if max(folded) >= CJK else self._alphabetic)

    def _search(self, folded: str, wanted: frozenset[str]) -> tuple[Phrase, ...]:
        plain = fold_case(folded)
        begun = prefix_of(plain)
        found = []
        for tables in self._tables(wanted):
            for table in tables:
                if phrase := table.match(folded, plain, begun):
                    found.append(phrase)
                    break
        return tuple(found)

    def compilers(self) -> Iterator[Callable[[], None]]:
        """Yield functions that compile the phrases of one language each, in under 0.1 s, those for all pages first.

        Call them while there are no pages to clean.
        """
        return (partial(self._compile, part) for part in _parts(self.languages))

    def _compile(self, languages: frozenset[str]) -> None:
        for requirement in _ORDER:
            if table := self._table(languages, requirement):
                table.compile()

    def _tables(self, languages: frozenset[str]) -> list[list[_PatternIndex]]:
        """Return the tables of these languages by their `requires`, strictest first."""
        if languages not in self._asked:
            parts = _parts(languages)
            tables = [[self._table(part, requirement) for part in parts] for requirement in _ORDER]
            self._asked[languages] = [[one for one in of_needs if one] for of_needs in tables]
        return self._asked[languages]

    def _table(self, languages: frozenset[str], requirement: Requirement) -> _PatternIndex | None:
        if (languages, requirement) not in self._made:
            rows = [row for row in self.rows if row.language in languages and row.requires == requirement]
            self._made[languages, requirement] = _PatternIndex(rows) if rows else None
        return self._made[languages, requirement]


def _parts(languages: frozenset[str]) -> list[frozenset[str]]:
    """Split languages into one set per table: patterns that are compiled for English pages then serve all others too."""
    return [languages & EVERYWHERE, *(frozenset({code}) for code in sorted(languages - EVERYWHERE))]


@cache
def load_phrases() -> Phrases:
    """Return the phrases that ship with the package, read on first use; the tests have checked them."""
    return phrases_of(files("cleaners.phrases"), checked=True)


def phrases_of(folder: Traversable, *, checked: bool = False) -> Phrases:
    """Read a folder of `<language>.toml` files; ids must be unique across them.

    Raises PhraseError where a file is bad. Files that are `checked` are not validated again.
    """
    sources = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    contents = {source.name: read_file(source, checked=checked) for source in sources}
    shared = contents.get("any.toml", {}).get("slots", {})
    rows: dict[str, Phrase] = {}
    for name, content in contents.items():
        for row in read_phrases(content, name, shared):
            if row.id in rows:
                raise PhraseError(f"{name}: row {row.id}: id: already used in {rows[row.id].language}.toml")
            rows[row.id] = row
    return Phrases(rows.values())


def read_file(source: Traversable, *, checked: bool = False) -> dict[str, Any]:
    """Read one file: its `slots`, which name pieces of pattern that phrases share, and its `phrase` tables.

    Raises PhraseError on broken TOML and, where the file is not `checked` already, on whatever `check_file` finds.
    """
    try:
        content = tomllib.loads(source.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PhraseError(f"{source.name}: not valid TOML: {error}") from None
    except OSError as error:
        raise PhraseError(f"{source.name}: cannot be read: {error.strerror}") from None
    if not checked:
        from cleaners.phrases.phrase_schema import check_file  # pydantic takes longer to import than all files to read

        check_file(content, source.name)
    return content
