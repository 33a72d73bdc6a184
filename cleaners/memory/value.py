"""What is remembered of an outlet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .keys import Headlines


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How many different articles carried a block, and in how many of them it stood more than once."""

    articles: int
    within: int = 0


@dataclass(frozen=True, slots=True)
class SiteMemory:
    """One outlet: how many different articles were seen, and which blocks (by `keys.digest`) two or more of them carried.

    `headlines` are those of its articles as far as they are known; `outlet` is its name or domain, which tells its own
    lines from an agency's credit.
    """

    seen: int = 0
    blocks: Mapping[int, Recurrence] = field(default_factory=dict)
    headlines: Headlines = field(default_factory=Headlines)
    outlet: str | None = None
