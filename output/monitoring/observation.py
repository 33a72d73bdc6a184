"""What one run saw of one outlet, in numbers; and several runs of one day taken together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# Text lengths that are kept of a day: enough for a median.
_MOST_LENGTHS = 60
# How long runs are kept apart, so that a change is seen run by run; and how long days are remembered.
_APART = timedelta(days=2)
_REMEMBERED = timedelta(days=60)


class Symptom(StrEnum):
    """What an alarm is about."""

    LOST_ARTICLES = "lost_articles"  # pages give no article any more: a lost selector, a wall, a redesign
    EMPTY_TITLES = "empty_titles"
    EMPTY_DATES = "empty_dates"
    EMPTY_AUTHORS = "empty_authors"
    SHORT_TEXTS = "short_texts"
    MORE_DROPPED = "more_dropped"  # of one kind of clutter
    FEW_ARTICLES = "few_articles"
    SILENT_FEED = "silent_feed"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an outlet's profile says, in place of what would be learned; None and no entry: nothing.

    `articles` a day, `silence` in days without anything new, `pages` is the share of pages that yield an article,
    `text` the median in characters, `title`, `date` and `author` are shares of articles: the least. `silence` and
    `dropped` (the share of all blocks, by kind): the most.
    """

    articles: float | None = None
    silence: float | None = None
    pages: float | None = None
    text: float | None = None
    title: float | None = None
    date: float | None = None
    author: float | None = None
    dropped: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observation:
    """`watched`: a source of the outlet answered, so that nothing new means that there is nothing new.

    `found` are article URLs that were new, `new` articles in their first version, `pages` those read that should have
    been articles, `articles` those that were. `titled`, `dated`, `signed` are the articles whose own page says these
    things, `lengths` their texts in characters, `blocks` all their blocks and `removed` those taken out, by kind.
    `alarms` were on: such a run tells nothing of what is usual. `first` run of an outlet: it finds a backlog. `quiet` are
    the hours in which nothing new was found, before this run found something.
    """

    site: str
    at: datetime
    watched: bool = True
    found: int = 0
    new: int = 0
    pages: int = 0
    articles: int = 0
    titled: int = 0
    dated: int = 0
    signed: int = 0
    lengths: tuple[int, ...] = ()
    blocks: int = 0
    removed: Mapping[str, int] = field(default_factory=dict)
    alarms: frozenset[Symptom] = frozenset()
    first: bool = False
    quiet: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Nothing new, and no page: not worth remembering."""
        return not (self.found or self.pages or self.first)


def with_history(seen: Observation, history: Sequence[Observation]) -> Observation:
    """The observation in its place after those before it."""
    last = last_found(history)
    quiet = (seen.at - last.at) / timedelta(hours=1) if seen.found and last else 0.0
    return replace(seen, first=not history, quiet=quiet)


def last_found(history: Sequence[Observation]) -> Observation | None:
    """The last observation of something new."""
    return next((one for one in reversed(history) if one.found), None)


def combine(seen: Sequence[Observation]) -> Observation:
    """Observations of one outlet, oldest first, as one."""
    removed: Counter[str] = Counter()
    for one in seen:
        removed.update(one.removed)
    lengths = [length for one in seen for length in one.lengths]
    return replace(
        seen[-1],
        watched=any(one.watched for one in seen),
        found=sum(one.found for one in seen),
        new=sum(one.new for one in seen),
        pages=sum(one.pages for one in seen),
        articles=sum(one.articles for one in seen),
        titled=sum(one.titled for one in seen),
        dated=sum(one.dated for one in seen),
        signed=sum(one.signed for one in seen),
        lengths=tuple(lengths[:: len(lengths) // _MOST_LENGTHS + 1]),
        blocks=sum(one.blocks for one in seen),
        removed=dict(removed),
        alarms=frozenset().union(*(one.alarms for one in seen)),
        first=any(one.first for one in seen),
        quiet=max(one.quiet for one in seen),
    )


def condense(history: Iterable[Observation], now: datetime) -> list[Observation]:
    """A history of bounded size, oldest first: recent runs as they are, older ones by day, the oldest not at all.

    Runs of a day on which an alarm began stay apart from the rest of that day.
    """
    kept = sorted((one for one in history if one.at > now - _REMEMBERED), key=lambda one: one.at)
    old = [one for one in kept if one.at <= now - _APART]
    days = groupby(old, key=lambda one: (one.at.date(), bool(one.alarms), one.first))
    return [combine(list(day)) for _, day in days] + kept[len(old) :]


def observation_to_json(seen: Observation) -> bytes:
    """As it is stored: the outlet and the moment stand beside it."""
    row: dict[str, Any] = {
        name: getattr(seen, name) for name in Observation.__slots__ if name not in ("site", "at", "alarms")
    }
    return orjson.dumps({**row, "alarms": sorted(seen.alarms)})


def observation_from_json(site: str, at: datetime, stored: bytes) -> Observation:
    """What `to_json` stored."""
    row = orjson.loads(stored)
    alarms = frozenset(Symptom(name) for name in row.pop("alarms"))
    return Observation(site=site, at=at, alarms=alarms, **{**row, "lengths": tuple(row["lengths"])})
