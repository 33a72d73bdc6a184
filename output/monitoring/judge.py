"""Whether a run fits what is usual at its outlet: one alarm for each thing that does not, one cause told once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from output.monitoring.checks import Alarm, Finding, Fine, check_blocks, check_lengths, check_share
from output.monitoring.observation import Bounds, Observation, Symptom
from output.monitoring.publishing_rate import check_articles_a_day, check_silence

if TYPE_CHECKING:
    from collections.abc import Sequence

# Where so many pages still give an article, and these are short, it is the texts that tell what happened.
_STILL_ARTICLES = 1 / 3
# Alarms during which an outlet's pace is not the usual one.
_OF_PACE = {Symptom.SILENT_FEED, Symptom.FEW_ARTICLES, Symptom.LOST_ARTICLES}


@dataclass(frozen=True, slots=True)
class Judgement:
    """`alarms` are what does not fit; `fine` is what does. What is in neither could not be judged."""

    alarms: tuple[Alarm, ...] = ()
    fine: frozenset[Symptom] = frozenset()


def judge_run(seen: Observation, history: Sequence[Observation], bounds: Bounds | None = None) -> Judgement:
    """Judge what a run saw by what earlier runs saw of the same outlet, oldest first.

    What `bounds` name goes by them, also where nothing is known yet; all else needs five runs or twenty articles.
    """
    bounds = bounds or Bounds()
    usual = [one for one in history if not one.alarms]
    paced = [one for one in history if not one.alarms & _OF_PACE]  # articles without dates are as many as those with
    findings: dict[Symptom, Finding] = {
        Symptom.LOST_ARTICLES: check_share(
            Symptom.LOST_ARTICLES, seen, usual, bounds.pages, lambda one: one.articles, lambda one: one.pages
        ),
        Symptom.EMPTY_TITLES: check_share(
            Symptom.EMPTY_TITLES, seen, usual, bounds.title, lambda one: one.titled, lambda one: one.articles
        ),
        Symptom.EMPTY_DATES: check_share(
            Symptom.EMPTY_DATES, seen, usual, bounds.date, lambda one: one.dated, lambda one: one.articles
        ),
        Symptom.EMPTY_AUTHORS: check_share(
            Symptom.EMPTY_AUTHORS, seen, usual, bounds.author, lambda one: one.signed, lambda one: one.articles
        ),
        Symptom.SHORT_TEXTS: check_lengths(seen, usual, bounds.text),
        Symptom.MORE_DROPPED: check_blocks(seen, usual, bounds.dropped),
        Symptom.SILENT_FEED: check_silence(seen, history, paced, bounds.silence),
        Symptom.FEW_ARTICLES: check_articles_a_day(seen, history, paced, bounds.articles),
    }
    on = {symptom: found for symptom, found in findings.items() if isinstance(found, Alarm)}
    for symptom in _explained(set(on), seen):
        del on[symptom]
    fine = frozenset(symptom for symptom, found in findings.items() if isinstance(found, Fine))
    return Judgement(tuple(on.values()), fine)


def _explained(on: set[Symptom], seen: Observation) -> set[Symptom]:
    """Those symptoms that follow from another one."""
    follow: set[Symptom] = set()
    lost = Symptom.LOST_ARTICLES
    if lost in on:
        if Symptom.SHORT_TEXTS in on and seen.articles >= _STILL_ARTICLES * seen.pages:
            follow |= {lost, Symptom.FEW_ARTICLES, Symptom.MORE_DROPPED}
        else:
            follow |= set(Symptom) - {lost, Symptom.SILENT_FEED}
    if Symptom.SHORT_TEXTS in on:
        follow.add(Symptom.MORE_DROPPED)
    if Symptom.SILENT_FEED in on:
        follow.add(Symptom.FEW_ARTICLES)
    return follow & on
