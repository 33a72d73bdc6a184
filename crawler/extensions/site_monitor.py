"""Count what a run sees of each site, and raise alarms at its end."""

from __future__ import annotations

import logging
from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals

from crawler.extensions.run_state import RunState
from crawler.run import run_stats
from crawler.run.alarm_hooks import AlarmHooks
from output.monitoring import AlarmLine, Bounds, Observation, append_alarms, judge_run, update_active_alarms
from output.monitoring.observation import with_history
from output.records.article import Article, Reject
from output.state import StateError
from output.state import monitoring_history as store

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from scrapy.crawler import Crawler
    from sqlalchemy import Connection

    from cleaners.document import Kind
    from crawler.sites.profile import SiteProfile

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Tally:
    """Count what a run has seen of one site so far."""

    new: int = 0
    pages: int = 0
    titled: int = 0
    dated: int = 0
    signed: int = 0
    lengths: array[int] = field(default_factory=lambda: array("L"))  # of each article: a list takes ten times as much
    blocks: int = 0
    removed: Counter[Kind] = field(default_factory=Counter)

    def add(self, record: Article | Reject, said: Collection[str]) -> None:
        if isinstance(record, Reject):
            self.pages += record.reason.is_page_verdict
            return
        self.pages += 1
        self.new += record.revision == 1
        self.titled += "title" in said
        self.dated += "date" in said
        self.signed += "author" in said
        self.lengths.append(len(record.text))
        self.removed.update(record.removed)
        self.blocks += record.text.count("\n\n") + 1 + sum(record.removed.values())


class SiteMonitor:
    """Compare each site with its own past. Needs a state; without one there is no past.

    Alarms are sent when all else is done: whatever becomes of that, the run's files and its line are whole.
    """

    def __init__(self, crawler: Crawler, hooks: AlarmHooks):
        self._crawler, self._hooks = crawler, hooks
        self._lines: list[AlarmLine] = []
        self._tallies: defaultdict[str, _Tally] = defaultdict(_Tally)
        self._profiles: dict[str, SiteProfile] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        monitor = cls(crawler, AlarmHooks.from_settings(crawler.settings))
        crawler.signals.connect(monitor.engine_stopped, signal=signals.engine_stopped)
        return monitor

    def expect(self, profile: SiteProfile) -> None:
        """Hold the profile's site to the bounds that it sets."""
        self._profiles[profile.id] = profile

    def saw(self, site: str, record: Article | Reject, said: Collection[str]) -> None:
        """Count a written record. `said` names those of title, date and author that its own page gave."""
        self._tallies[site].add(record, said)

    def judge(self) -> None:
        """Judge the run at its end, store what it saw, and raise alarms."""
        held = self._crawler.get_extension(RunState)
        if held is None:
            return
        now = held.clock()
        try:
            with held.state.transaction() as connection:
                lines = _judged(connection, held.run, self._observations(now), self._bounds)
                # Within the transaction: an interruption may report an alarm twice, but never loses one.
                append_alarms(Path(self._crawler.settings["DATA_DIR"]), lines)
        except Exception as error:
            self._crawler.stats.inc_value(run_stats.INTERNAL_ERRORS_KEY)
            logger.error("monitoring failed: %s", error, exc_info=not isinstance(error, (StateError, OSError)))
            return
        self._lines = lines
        on = [line for line in lines if line.change != "ended"]
        self._crawler.stats.set_value(run_stats.ALARMS_KEY, tuple(line.text for line in on))
        for line in lines:
            logger.log(logging.WARNING if line in on else logging.INFO, "alarm %s: %s", line.change, line.text)

    async def engine_stopped(self) -> None:
        if self._lines:
            await self._hooks.send(self._lines)

    def _observations(self, now: datetime) -> list[Observation]:
        stats = self._crawler.stats.get_stats()
        sites = run_stats.site_counts(stats)
        return [
            _observation(site, now, self._tallies.get(site, _Tally()), stats)
            for site in sorted(sites.keys() | self._tallies.keys())
        ]

    def _bounds(self, site: str) -> Bounds:
        if site not in self._profiles:
            return Bounds()
        expect = self._profiles[site].expect
        return Bounds(
            **expect.model_dump(exclude={"dropped"}),
            dropped={str(kind): most for kind, most in expect.dropped.items()},
        )


def _observation(site: str, now: datetime, tally: _Tally, stats: Mapping[str, Any]) -> Observation:
    def count(name: str) -> int:
        return int(stats.get(run_stats.site_key(site, name), 0))

    # Without a source that answers, nothing can be said of how much there is: a list of URLs, or a dead network.
    watched = count("sources") > count("failed_sources")
    return Observation(
        site=site,
        at=now,
        watched=watched,
        found=count("candidates") if watched else 0,
        new=tally.new if watched else 0,
        pages=tally.pages,
        articles=len(tally.lengths),
        titled=tally.titled,
        dated=tally.dated,
        signed=tally.signed,
        lengths=tuple(tally.lengths),
        blocks=tally.blocks,
        removed={str(kind): count for kind, count in tally.removed.items()},
    )


def _judged(
    connection: Connection, run: str, observed: Sequence[Observation], bounds: Callable[[str], Bounds]
) -> list[AlarmLine]:
    """Judge what the run saw of each site, and store it."""
    sites = [found.site for found in observed]
    histories, active = store.histories(connection, sites), store.active_alarms(connection, sites)
    lines: list[AlarmLine] = []
    observations: list[tuple[Observation, Sequence[Observation]]] = []
    for found in observed:
        past, before = histories[found.site], active[found.site]
        observation = with_history(found, past)
        judgement = judge_run(observation, past, bounds(observation.site))
        after, reported = update_active_alarms(observation.site, run, before, judgement, observation.at)
        lines += reported
        observations.append((replace(observation, alarms=frozenset(before | after)), past))
        if after != before:
            store.set_active_alarms(connection, observation.site, after)
    store.add_observations(connection, observations)
    return lines
