"""What was counted, as the report's tables and plots show it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from crawler.report.site_tally import COUNTED_FIELDS, RecordTally, RejectExample, SiteTally
from crawler.report.svg_plots import PlotBar, sparkline, stacked_bar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crawler.report.run_history import AlarmRow, HostRow, RunHistory

_MOST_OUTLETS, _MOST_HOSTS, _MOST_COPIES = 300, 15, 12
# A host of which less is known is not ranked by it.
_LEAST_ANSWERS = 3


@dataclass(frozen=True, slots=True)
class OutletRow:
    """One outlet. `failed` of `runs` reached nothing of it; `removed` is blocks an article; `found` its yield."""

    site: str
    days: tuple[int, ...]
    spark: str
    new: int
    records: int
    found: float | None
    median: int | None
    filled: Mapping[str, float]
    removed: float
    bar: tuple[PlotBar, ...]
    rejects: int
    revised: int
    duplicates: int
    alarms: tuple[AlarmRow, ...]
    failed: int
    runs: int

    @property
    def a_day(self) -> float:
        return self.new / len(self.days)


@dataclass(frozen=True, slots=True)
class RejectRow:
    """One reason; `outlets` that have most of it, and the newest examples."""

    reason: str
    count: int
    share: float
    outlets: tuple[tuple[str, int], ...]
    examples: tuple[RejectExample, ...]


@dataclass(frozen=True, slots=True)
class ReportFigures:
    """All that the report shows but the pages. Days are UTC, `until` included. `outlets` are those with alarms and the
    largest of `outlet_count`, of which `active` have new articles.
    """

    data_dir: str
    made: datetime
    since: date
    until: date
    days: tuple[date, ...]
    journal: RunHistory
    alarms: Sequence[AlarmRow]
    outlets: tuple[OutletRow, ...]
    outlet_count: int
    active: int
    articles: int
    new: tuple[int, ...]
    rejects: tuple[RejectRow, ...]
    removed: Mapping[str, int]
    hosts: tuple[tuple[str, HostRow], ...]
    copies: tuple[tuple[str, str, int], ...]
    tally: RecordTally
    broken: int
    fields: tuple[str, ...] = COUNTED_FIELDS
    notes: tuple[str, ...] = field(default=())

    @property
    def found(self) -> float | None:
        """The yield of all outlets."""
        asked = self.articles + sum(row.count for row in self.rejects)
        return self.articles / asked if asked else None

    @property
    def on(self) -> list[AlarmRow]:
        """The alarms that are on."""
        return [alarm for alarm in self.alarms if not alarm.ended]


def report_figures(
    data_dir: str,
    made: datetime,
    since: date,
    until: date,
    journal: RunHistory,
    alarms: Sequence[AlarmRow],
    tally: RecordTally,
) -> ReportFigures:
    """The report of the days from `since` to `until`."""
    days = tuple(since + timedelta(days=at) for at in range((until - since).days + 1))
    most = max(
        (outlet.removed.total() / outlet.records for outlet in tally.outlets.values() if outlet.records), default=0
    )
    rows = [
        _row(site, tally.outlets.get(site, SiteTally()), days, most, journal, alarms)
        for site in tally.outlets.keys() | journal.sites.keys()
    ]
    slow = [(name, host) for name, host in journal.hosts.items() if host.answers >= _LEAST_ANSWERS]
    return ReportFigures(
        data_dir=data_dir,
        made=made,
        since=since,
        until=until,
        days=days,
        journal=journal,
        alarms=alarms,
        outlets=tuple(sorted(rows, key=lambda row: (-len(row.alarms), -row.new, row.site))[:_MOST_OUTLETS]),
        outlet_count=len(rows),
        active=sum(row.new > 0 for row in rows),
        articles=tally.articles,
        new=tuple(tally.days(days)),
        rejects=tuple(_rejects(tally)),
        removed=tally.total("removed"),
        hosts=tuple(sorted(slow, key=lambda host: -host[1].mean)[:_MOST_HOSTS]),
        copies=tuple((site, first, count) for (site, first), count in tally.copies.most_common(_MOST_COPIES)),
        tally=tally,
        broken=tally.broken,
    )


def _row(
    site: str, outlet: SiteTally, days: Sequence[date], most: float, journal: RunHistory, alarms: Sequence[AlarmRow]
) -> OutletRow:
    values = tuple(outlet.days[day] for day in days)
    records = outlet.records or 1
    a_page = {kind: count / records for kind, count in outlet.removed.items()}
    return OutletRow(
        site=site,
        days=values,
        spark=sparkline(values),
        new=sum(values),
        records=outlet.records,
        found=outlet.found,
        median=outlet.median,
        filled={name: outlet.filled[name] / records for name in COUNTED_FIELDS},
        removed=sum(a_page.values()),
        bar=tuple(stacked_bar(a_page, most)),
        rejects=outlet.rejects.total(),
        revised=outlet.revised,
        duplicates=outlet.duplicates,
        alarms=tuple(alarm for alarm in alarms if alarm.site == site and not alarm.ended),
        failed=journal.failures[site],
        runs=journal.sites.get(site, 0),
    )


def _rejects(tally: RecordTally) -> list[RejectRow]:
    total = tally.total("rejects")
    by_reason: dict[str, Counter[str]] = {reason: Counter() for reason in total}
    for site, outlet in tally.outlets.items():
        for reason, count in outlet.rejects.items():
            by_reason[reason][site] += count
    return [
        RejectRow(
            reason,
            count,
            count / total.total(),
            tuple(by_reason[reason].most_common(4)),
            tuple(reversed(tally.examples[reason])),
        )
        for reason, count in total.most_common()
    ]
