"""Define the value that holds what a site repeats on its articles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cleaners.site_memory.block_keys import Headlines
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Count the different articles that contain a block, and those among them in which it is repeated."""

    articles: int
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class SiteMemory:
    """Hold how many different articles of a site were counted, and the blocks that two or more of them contain.

    `blocks` is keyed by `key_digest`. `headlines` are the known headlines of its articles. `names` are its publisher's
    names, which distinguish its own lines from an agency's credit.
    """

    articles: int = 0
    blocks: Mapping[int, Recurrence] = field(default_factory=dict)
    headlines: Headlines = field(default_factory=Headlines)
    names: tuple[str, ...] = ()


def publisher_names(*given: str | None) -> tuple[str, ...]:
    """Return a publisher's names; a domain adds the part before its first dot: "n-tv" for "n-tv.de"."""
    names = [part for name in given if name for part in (name, name.removeprefix("www.").partition(".")[0])]
    return tuple(dict.fromkeys(name for name in names if len(letters_only(name)) > 2))
