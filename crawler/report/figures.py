"""Prepare what was counted for the report's tables and plots."""

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

_SITE_ROWS, _HOST_ROWS, _COPY_ROWS = 300, 15, 12
# Rank only hosts with enough answers.
_MIN_ANSWERS = 3


@dataclass(frozen=True, slots=True)
class SiteRow:
    """Hold one site's figures. `removed` is blocks an article; `failed` of its `runs` could not reach it."""

    site: str
    days: tuple[int, ...]
    spark: str
    new: int
    records: int
    yield_share: float | None
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
        """Return the new articles a day, on average."""
        return self.new / len(self.days)


@dataclass(frozen=True, slots=True)
class RejectRow:
    """Hold one reject reason: its count, the `sites` with most of it, and the newest examples."""

    reason: str
    count: int
    share: float
    sites: tuple[tuple[str, int], ...]
    examples: tuple[RejectExample, ...]


@dataclass(frozen=True, slots=True)
class ReportFigures:
    """Hold all that the report shows except the pages.

    Days are UTC, `until` included. `sites` are those with alarms and the largest of `site_count`; `active` of all sites
    have new articles.
    """

    data_dir: str
    made: datetime
    since: date
    until: date
    days: tuple[date, ...]
    journal: RunHistory
    alarms: Sequence[AlarmRow]
    sites: tuple[SiteRow, ...]
    site_count: int
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
    def yield_share(self) -> float | None:
        """Return the yield of all sites: the share of pages that gave an article."""
        pages = self.articles + sum(row.count for row in self.rejects)
        return self.articles / pages if pages else None

    @property
    def active_alarms(self) -> list[AlarmRow]:
        """Return the alarms that have not ended."""
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
    """Prepare the report's figures for the days from `since` to `until`, inclusive."""
    days = tuple(since + timedelta(days=number) for number in range((until - since).days + 1))
    most = max((site.removed.total() / site.records for site in tally.sites.values() if site.records), default=0)
    rows = [
        _row(site, tally.sites.get(site, SiteTally()), days, most, journal, alarms)
        for site in tally.sites.keys() | journal.sites.keys()
    ]
    slow = [(name, host) for name, host in journal.hosts.items() if host.answers >= _MIN_ANSWERS]
    return ReportFigures(
        data_dir=data_dir,
        made=made,
        since=since,
        until=until,
        days=days,
        journal=journal,
        alarms=alarms,
        sites=tuple(sorted(rows, key=lambda row: (-len(row.alarms), -row.new, row.site))[:_SITE_ROWS]),
        site_count=len(rows),
        active=sum(row.new > 0 for row in rows),
        articles=tally.articles,
        new=tuple(tally.days(days)),
        rejects=tuple(_rejects(tally)),
        removed=tally.total("removed"),
        hosts=tuple(sorted(slow, key=lambda host: -host[1].mean)[:_HOST_ROWS]),
        copies=tuple((site, first, count) for (site, first), count in tally.copies.most_common(_COPY_ROWS)),
        tally=tally,
        broken=tally.broken,
    )


def _row(
    site: str, counts: SiteTally, days: Sequence[date], most: float, journal: RunHistory, alarms: Sequence[AlarmRow]
) -> SiteRow:
    values = tuple(counts.days[day] for day in days)
    records = counts.records or 1
    a_page = {kind: count / records for kind, count in counts.removed.items()}
    return SiteRow(
        site=site,
        days=values,
        spark=sparkline(values),
        new=sum(values),
        records=counts.records,
        yield_share=counts.yield_share,
        median=counts.median,
        filled={name: counts.filled[name] / records for name in COUNTED_FIELDS},
        removed=sum(a_page.values()),
        bar=tuple(stacked_bar(a_page, most)),
        rejects=counts.rejects.total(),
        revised=counts.revised,
        duplicates=counts.duplicates,
        alarms=tuple(alarm for alarm in alarms if alarm.site == site and not alarm.ended),
        failed=journal.failures[site],
        runs=journal.sites.get(site, 0),
    )


def _rejects(tally: RecordTally) -> list[RejectRow]:
    total = tally.total("rejects")
    by_reason: dict[str, Counter[str]] = {reason: Counter() for reason in total}
    for site, counts in tally.sites.items():
        for reason, count in counts.rejects.items():
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
