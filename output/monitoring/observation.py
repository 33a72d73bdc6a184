"""Describe in numbers what one run observed of one site, combine such observations, and condense a history."""

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

# Text lengths kept of a day: enough for a median.
_MOST_LENGTHS = 60
# How long runs stay separate, so that a change can be located; and how long days are kept.
_SEPARATE = timedelta(days=2)
_KEPT = timedelta(days=60)


class Symptom(StrEnum):
    """Name what an alarm is about."""

    # Pages no longer yield articles: a lost selector, a paywall, a redesign.
    LOST_ARTICLES = "lost_articles"
    EMPTY_TITLES = "empty_titles"
    EMPTY_DATES = "empty_dates"
    EMPTY_AUTHORS = "empty_authors"
    SHORT_TEXTS = "short_texts"
    # A kind of clutter takes a much larger share of the blocks.
    MORE_DROPPED = "more_dropped"
    FEW_ARTICLES = "few_articles"
    SILENT_FEED = "silent_feed"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Hold the bounds that a site's profile sets in place of a learned baseline; None or no entry: learn it.

    Lower bounds: `articles` a day, `pages` (the share of pages that yield an article), `text` (median characters), and
    `title`, `date`, `author` (shares of articles). Upper bounds: `silence` (days without a new URL) and `dropped` (the
    share of all blocks, by kind).
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
    """Count what one run observed of one site.

    `watched`: a source of the site answered, so that no new URL means that there is none. `found` counts new article
    URLs, `new` articles in their first version, `pages` the pages that should have been articles, `articles` those that
    were. `titled`, `dated`, `signed` count the articles whose own page gives a title, a date, an author; `lengths` are
    their texts in characters; `blocks` counts all their blocks and `removed` the dropped ones, by kind. `alarms` were
    active, so the run says nothing about the baseline. `first`: the first run on a site finds a backlog. `quiet` is how
    many hours passed without a new URL before this run found one.
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
        """Tell whether the run found no new URL and read no page, so that it is not worth storing."""
        return not (self.found or self.pages or self.first)


def with_history(observation: Observation, history: Sequence[Observation]) -> Observation:
    """Return the observation with `first` and `quiet` set from its history."""
    last = last_found(history)
    quiet = (observation.at - last.at) / timedelta(hours=1) if observation.found and last else 0.0
    return replace(observation, first=not history, quiet=quiet)


def last_found(history: Sequence[Observation]) -> Observation | None:
    """Return the last observation with a new URL."""
    return next((one for one in reversed(history) if one.found), None)


def combine(observations: Sequence[Observation]) -> Observation:
    """Combine observations of one site, oldest first, into one."""
    removed: Counter[str] = Counter()
    for one in observations:
        removed.update(one.removed)
    lengths = [length for one in observations for length in one.lengths]
    return replace(
        observations[-1],
        watched=any(one.watched for one in observations),
        found=sum(one.found for one in observations),
        new=sum(one.new for one in observations),
        pages=sum(one.pages for one in observations),
        articles=sum(one.articles for one in observations),
        titled=sum(one.titled for one in observations),
        dated=sum(one.dated for one in observations),
        signed=sum(one.signed for one in observations),
        lengths=tuple(lengths[:: len(lengths) // _MOST_LENGTHS + 1]),
        blocks=sum(one.blocks for one in observations),
        removed=dict(removed),
        alarms=frozenset().union(*(one.alarms for one in observations)),
        first=any(one.first for one in observations),
        quiet=max(one.quiet for one in observations),
    )


def condense(history: Iterable[Observation], now: datetime) -> list[Observation]:
    """Return a history of bounded size, oldest first: recent runs as they are, older ones by day, the oldest dropped.

    Runs with an active alarm are not combined with the other runs of their day.
    """
    kept = sorted((one for one in history if one.at > now - _KEPT), key=lambda one: one.at)
    old = [one for one in kept if one.at <= now - _SEPARATE]
    days = groupby(old, key=lambda one: (one.at.date(), bool(one.alarms), one.first))
    return [combine(list(day)) for _, day in days] + kept[len(old) :]


def observation_to_json(observation: Observation) -> bytes:
    """Serialize an observation for the database, where the site and the time have columns of their own."""
    fields: dict[str, Any] = {
        name: getattr(observation, name) for name in Observation.__slots__ if name not in ("site", "at", "alarms")
    }
    return orjson.dumps({**fields, "alarms": sorted(observation.alarms)})


def observation_from_json(site: str, at: datetime, stored: bytes) -> Observation:
    """Parse what `observation_to_json` returned."""
    fields = orjson.loads(stored)
    alarms = frozenset(Symptom(name) for name in fields.pop("alarms"))
    return Observation(site=site, at=at, alarms=alarms, **{**fields, "lengths": tuple(fields["lengths"])})
