"""Run monitoring over simulated days: normal ones raise nothing, each failure raises its own alarm within two runs."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from output.monitoring import Bounds, Observation, Symptom, judge_run, update_active_alarms
from output.monitoring.alarms import ActiveAlarm, AlarmLine
from output.monitoring.observation import condense, with_history
from output.state import State, monitoring_history

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class SimulatedSite:
    """Simulate a site that publishes at random, less at night and at weekends, and is crawled every `every`.

    `broken` maps what a redesign affects to the share it leaves: yield, title, date, author, text (length), found.
    """

    seed: int
    every: timedelta
    a_day: float
    weekend: float = 0.3
    signed: float = 0.85
    spread: float = 0.5
    at: datetime = MONDAY
    bounds: Bounds = field(default_factory=Bounds)
    history: list[Observation] = field(default_factory=list)
    active: dict[Symptom, ActiveAlarm] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def run(self, broken: Mapping[str, float] | None = None) -> list[AlarmLine]:
        """Crawl once more and return the alarm lines."""
        observation = with_history(self._observe(broken or {}), self.history)
        judgement = judge_run(observation, self.history, self.bounds)
        before = set(self.active)
        self.active, lines = update_active_alarms("example.com", "run", self.active, judgement, self.at)
        observation = replace(observation, alarms=frozenset(before | set(self.active)))
        if not observation.is_empty:
            self.history = condense([*self.history, observation], self.at)
        self.at += self.every
        return lines

    def days(self, days: float) -> Iterator[AlarmLine]:
        end = self.at + days * DAY
        while self.at < end:
            yield from self.run()

    def _observe(self, broken: Mapping[str, float]) -> Observation:
        chance = self.chance
        found = 60 if not self.history else self._published()
        found = int(found * broken.get("found", 1))
        pages = [one for one in range(found) if chance.random() > 0.02]  # some fail to load
        given = [one for one in pages if chance.random() < 0.95 * broken.get("yield", 1)]
        sunday = 0.8 if self.at.weekday() == 6 else 1.0  # short columns, and fewer authors
        lengths = [int(chance.lognormvariate(8.2, self.spread) * sunday * broken.get("text", 1)) for _ in given]
        kept = sum(max(2, length // 250) for length in lengths)
        promoted = sum(chance.randint(1, 5) for _ in given)

        def some(name: str, share: float) -> int:
            return sum(chance.random() < share * broken.get(name, 1) for _ in given)

        return Observation(
            site="example.com", at=self.at, found=found, new=len(given), pages=len(pages), articles=len(given),
            titled=some("title", 1.0), dated=some("date", 0.99), signed=some("author", self.signed * sunday),
            lengths=tuple(lengths), blocks=kept + promoted, removed={"promotion": promoted} if promoted else {},
        )  # fmt: skip

    def _published(self) -> int:
        rate = self.a_day * (self.weekend if self.at.weekday() >= 5 else 1.0) * (self.every / DAY)
        if self.every < DAY:
            rate *= 0.1 if self.at.hour < 6 else 1.3
        left, count = self.chance.expovariate(1), 0
        while left < rate:
            left, count = left + self.chance.expovariate(1), count + 1
        return count


SITES = [
    (timedelta(minutes=30), 40.0, 0.3),
    (timedelta(hours=2), 150.0, 0.5),
    (timedelta(hours=6), 6.0, 0.1),
    (DAY, 12.0, 0.0),
    (DAY, 1.0, 1.0),
]


@pytest.mark.parametrize(("every", "a_day", "weekend"), SITES)
@pytest.mark.parametrize("seed", range(3))
def test_thirty_normal_days_raise_nothing(every: timedelta, a_day: float, weekend: float, seed: int) -> None:
    assert list(SimulatedSite(seed, every, a_day, weekend).days(30)) == []


FAILURES = {
    Symptom.LOST_ARTICLES: {"yield": 0.0},
    Symptom.EMPTY_TITLES: {"title": 0.0},
    Symptom.EMPTY_DATES: {"date": 0.0},
    Symptom.EMPTY_AUTHORS: {"author": 0.0},
    Symptom.SHORT_TEXTS: {"text": 0.5},
}


@pytest.mark.parametrize("symptom", FAILURES)
@pytest.mark.parametrize("seed", range(4))
def test_a_redesign_raises_its_own_alarm_within_two_runs(symptom: Symptom, seed: int) -> None:
    site = SimulatedSite(seed, DAY, 14.0, weekend=1.0)
    assert list(site.days(30)) == []
    lines = site.run(FAILURES[symptom]) + site.run(FAILURES[symptom])
    assert {line.symptom for line in lines} == {symptom}
    assert lines[0].change == "raised"
    assert lines[0].text.startswith("example.com: ")
    assert len(lines[0].text) < 300
    ended = site.run() + site.run()
    assert [(line.symptom, line.change) for line in ended] == [(symptom, "ended")]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("weekend", [1.0, 0.0])
def test_a_silent_feed_raises_its_own_alarm_within_two_days(seed: int, weekend: float) -> None:
    site = SimulatedSite(seed, DAY, 12.0, weekend)
    assert list(site.days(28)) == []
    lines = site.run({"found": 0}) + site.run({"found": 0})
    assert [(line.symptom, line.change) for line in lines] == [(Symptom.SILENT_FEED, "raised")]
    assert "example.com: silent: its sources answer, but have listed nothing new for" in lines[0].text
    assert [line.change for line in site.run()] == ["ended"]


@pytest.mark.parametrize("seed", range(4))
def test_silence_of_a_regular_site_is_noticed_sooner(seed: int) -> None:
    chance = random.Random(seed)
    past = [
        observed(at=MONDAY + n * DAY, articles=chance.choice((3, 4, 4)), first=n == 0, quiet=24.0) for n in range(30)
    ]
    assert judge_run(observed(at=MONDAY + 30 * DAY), past).alarms == ()
    assert [alarm.symptom for alarm in judge_run(observed(at=MONDAY + 31 * DAY), past).alarms] == [Symptom.SILENT_FEED]
    past[-5:] = [replace(one, alarms=frozenset({Symptom.EMPTY_DATES})) for one in past[-5:]]  # does not affect the rate
    assert [alarm.symptom for alarm in judge_run(observed(at=MONDAY + 31 * DAY), past).alarms] == [Symptom.SILENT_FEED]


def test_a_continuing_alarm_is_reported_once_a_day() -> None:
    site = SimulatedSite(1, timedelta(hours=4), 60.0, weekend=1.0)
    list(site.days(20))
    lines = [line for _ in range(18) for line in site.run({"date": 0.0})]
    assert {line.symptom for line in lines} == {Symptom.EMPTY_DATES}
    assert [line.change for line in lines] == ["raised", "continues", "continues"]
    assert lines[-1].at - lines[-2].at == DAY
    assert {line.since for line in lines} == {lines[0].at}


def observed(**counts: Any) -> Observation:
    articles = counts.get("articles", 0)
    well = {"found": articles, "new": articles, "pages": articles, "titled": articles, "dated": articles}
    return Observation(**{"site": "example.com", "at": MONDAY, "signed": articles, **well, **counts})


@pytest.mark.parametrize(
    ("bounds", "run", "symptom"),
    [
        (Bounds(pages=0.5), {"articles": 2, "pages": 5}, Symptom.LOST_ARTICLES),
        (Bounds(author=0.5), {"articles": 5, "signed": 2}, Symptom.EMPTY_AUTHORS),
        (Bounds(text=800), {"articles": 5, "lengths": (700,) * 5}, Symptom.SHORT_TEXTS),
        (Bounds(dropped={"promotion": 0.2}), {"articles": 5, "blocks": 50, "removed": {"promotion": 11}}, Symptom.MORE_DROPPED),
    ],
)  # fmt: skip
def test_bounds_of_a_profile_apply_from_the_first_run(bounds: Bounds, run: dict[str, Any], symptom: Symptom) -> None:
    (alarm,) = judge_run(observed(**run), [], bounds).alarms
    assert alarm.symptom == symptom
    assert "[expect] in its profile says" in alarm.text
    assert judge_run(observed(**run), []).alarms == ()


def test_bounds_of_a_profile_replace_the_baseline() -> None:
    past = [observed(at=MONDAY + day * DAY, articles=10, first=day == 0, quiet=24.0) for day in range(20)]
    gone = observed(at=MONDAY + 20 * DAY, articles=10, signed=0)
    assert [alarm.symptom for alarm in judge_run(gone, past).alarms] == [Symptom.EMPTY_AUTHORS]
    assert judge_run(gone, past, Bounds(author=0.0)).alarms == ()
    silent = observed(at=MONDAY + 23 * DAY)
    assert [alarm.symptom for alarm in judge_run(silent, past).alarms] == [Symptom.SILENT_FEED]
    assert judge_run(silent, past, Bounds(silence=7)).alarms == ()
    assert judge_run(replace(silent, watched=False), past).alarms == ()  # no source answered
    few = observed(at=MONDAY + 22 * DAY, articles=1)
    assert [alarm.symptom for alarm in judge_run(few, past).alarms] == [Symptom.FEW_ARTICLES]


def test_a_kind_of_clutter_that_grows_raises_an_alarm() -> None:
    past = [
        observed(at=MONDAY + n * DAY, articles=8, blocks=100, removed={"promotion": 10}, quiet=24.0) for n in range(9)
    ]
    run = observed(at=MONDAY + 9 * DAY, articles=8, blocks=100, removed={"promotion": 55})
    (alarm,) = judge_run(run, past).alarms
    assert alarm.symptom == Symptom.MORE_DROPPED
    assert "promotion: 55% of all blocks of the last 8 articles, usually 10%" in alarm.text


def test_the_stored_history_is_complete_and_bounded(tmp_path: Path) -> None:
    state = State.open(f"sqlite:///{tmp_path / 'state.db'}")
    site = SimulatedSite(1, timedelta(hours=2), 150.0)
    with state.transaction() as connection:
        for _ in range(70 * 12):
            run = site._observe({})
            past = monitoring_history.histories(connection, ["example.com"])["example.com"]
            monitoring_history.add_observations(connection, [(with_history(run, past), past)])
            site.at += site.every
            site.history = site.history or [run]
        kept = monitoring_history.histories(connection, ["example.com"])["example.com"]
        assert len(kept) < 90
        assert kept[-1] == with_history(run, past)
        assert site.at - kept[0].at < 61 * DAY
        assert all(len(one.lengths) <= 60 for one in kept)
        active = {Symptom.EMPTY_DATES: ActiveAlarm(MONDAY, MONDAY + DAY)}
        monitoring_history.set_active_alarms(connection, "example.com", active)
        assert monitoring_history.active_alarms(connection, ["example.com"])["example.com"] == active
        monitoring_history.set_active_alarms(connection, "example.com", {})
        assert monitoring_history.active_alarms(connection, ["example.com"])["example.com"] == {}
    state.close()
