"""Judge a run by the baseline of its site: one alarm for each deviation, and one for each cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from output.monitoring.checks import Alarm, Finding, Normal, check_blocks, check_lengths, check_share
from output.monitoring.observation import Bounds, Observation, Symptom
from output.monitoring.publishing_rate import check_articles_a_day, check_silence

if TYPE_CHECKING:
    from collections.abc import Sequence

# If at least this share of pages still yields an article, and the texts are short, the short texts are the cause.
_STILL_ARTICLES = 1 / 3
# Alarms during which a site does not publish at its normal rate.
_RATE_SYMPTOMS = {Symptom.SILENT_FEED, Symptom.FEW_ARTICLES, Symptom.LOST_ARTICLES}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Hold the alarms of a run, and the symptoms that it shows to be `normal`. Any other could not be judged."""

    alarms: tuple[Alarm, ...] = ()
    normal: frozenset[Symptom] = frozenset()


def judge_run(observation: Observation, history: Sequence[Observation], bounds: Bounds | None = None) -> Judgement:
    """Judge a run by earlier runs on the same site, given oldest first.

    A bound of the profile replaces the baseline from the first run on. Without one, a check needs five runs or twenty
    articles to learn from.
    """
    bounds = bounds or Bounds()
    usual = [one for one in history if not one.alarms]
    # An alarm about titles or dates says nothing about how many articles there are.
    rate_history = [one for one in history if not one.alarms & _RATE_SYMPTOMS]
    findings: dict[Symptom, Finding] = {
        Symptom.LOST_ARTICLES: check_share(
            Symptom.LOST_ARTICLES, observation, usual, bounds.pages, lambda one: one.articles, lambda one: one.pages
        ),
        Symptom.EMPTY_TITLES: check_share(
            Symptom.EMPTY_TITLES, observation, usual, bounds.title, lambda one: one.titled, lambda one: one.articles
        ),
        Symptom.EMPTY_DATES: check_share(
            Symptom.EMPTY_DATES, observation, usual, bounds.date, lambda one: one.dated, lambda one: one.articles
        ),
        Symptom.EMPTY_AUTHORS: check_share(
            Symptom.EMPTY_AUTHORS, observation, usual, bounds.author, lambda one: one.signed, lambda one: one.articles
        ),
        Symptom.SHORT_TEXTS: check_lengths(observation, usual, bounds.text),
        Symptom.MORE_DROPPED: check_blocks(observation, usual, bounds.dropped),
        Symptom.SILENT_FEED: check_silence(observation, history, rate_history, bounds.silence),
        Symptom.FEW_ARTICLES: check_articles_a_day(observation, history, rate_history, bounds.articles),
    }
    alarms = {symptom: found for symptom, found in findings.items() if isinstance(found, Alarm)}
    for symptom in _consequences(set(alarms), observation):
        del alarms[symptom]
    normal = frozenset(symptom for symptom, found in findings.items() if isinstance(found, Normal))
    return Judgement(tuple(alarms.values()), normal)


def _consequences(raised: set[Symptom], observation: Observation) -> set[Symptom]:
    """Return the raised symptoms that follow from another one."""
    implied: set[Symptom] = set()
    lost = Symptom.LOST_ARTICLES
    if lost in raised:
        if Symptom.SHORT_TEXTS in raised and observation.articles >= _STILL_ARTICLES * observation.pages:
            implied |= {lost, Symptom.FEW_ARTICLES, Symptom.MORE_DROPPED}
        else:
            implied |= set(Symptom) - {lost, Symptom.SILENT_FEED}
    if Symptom.SHORT_TEXTS in raised:
        implied.add(Symptom.MORE_DROPPED)
    if Symptom.SILENT_FEED in raised:
        implied.add(Symptom.FEW_ARTICLES)
    return implied & raised
