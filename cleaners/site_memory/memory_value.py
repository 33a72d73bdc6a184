"""What is remembered of an outlet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cleaners.site_memory.block_keys import Headlines
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How many different articles carried a block, and in how many of them it stood more than once."""

    articles: int
    within: int = 0


@dataclass(frozen=True, slots=True)
class SiteMemory:
    """One outlet: how many different articles were seen, and which blocks (by `keys.digest`) two or more of them carried.

    `headlines` are those of its articles as far as they are known. `names` are what it calls itself: they tell its own lines
    from an agency's credit.
    """

    seen: int = 0
    blocks: Mapping[int, Recurrence] = field(default_factory=dict)
    headlines: Headlines = field(default_factory=Headlines)
    names: tuple[str, ...] = ()


def publisher_names(*given: str | None) -> tuple[str, ...]:
    """The names of an outlet, of each domain among them also what stands before its first dot: "n-tv.de" is "n-tv"."""
    names = [part for name in given if name for part in (name, name.removeprefix("www.").partition(".")[0])]
    return tuple(dict.fromkeys(name for name in names if len(letters_only(name)) > 2))
