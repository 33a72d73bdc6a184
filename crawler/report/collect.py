"""Collect what the report shows from DATA_DIR. Files are read once, one line at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from crawler.report.figures import ReportFigures, report_figures
from crawler.report.run_history import WarnFunction, last_day, read_alarms, read_journal
from crawler.report.site_lookup import SiteLookup
from crawler.report.site_tally import RecordTally
from output.files.article_files import read_articles
from output.records.article import Reject
from output.storage.regular_file import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_RECORDS = ("articles", "rejects")


class NothingToReportError(Exception):
    """Report in one line that DATA_DIR holds no runs and no records, and what to do."""


@dataclass(frozen=True, slots=True)
class CollectedData:
    """Carry the report's figures, and what its pages are chosen from: the article files of these days."""

    report: ReportFigures
    since: date
    articles: list[Path]
    site_lookup: SiteLookup


def collect_data(data_dir: Path, days: int, now: datetime, warn: WarnFunction) -> CollectedData:
    """Collect the last `days` days up to the day on which the newest run began.

    `warn` gets a message for each line that cannot be read, with file and line number. Raises NothingToReportError, OSError.
    """
    found = {folder: _by_day(data_dir / folder) for folder in _RECORDS}
    newest = [day for files in found.values() for day, _ in files[-1:]]
    last = max(filter(None, (last_day(data_dir), *newest)), default=None)
    if last is None:
        raise NothingToReportError(_nothing_in(data_dir))
    since = last - timedelta(days=days - 1)
    articles, rejects = ([path for day, path in found[folder] if day >= since] for folder in _RECORDS)
    tally = RecordTally()

    def count_and_warn(line: str) -> None:
        tally.broken += 1
        warn(line)

    journal = read_journal(data_dir, since)
    site_lookup = SiteLookup(journal.sites)
    for _, article in read_articles(articles, count_and_warn):
        tally.add_article(article, site_lookup)
    for path in rejects:
        for reject in _rejects(path, count_and_warn):
            tally.add_reject(reject, site_lookup)
    if not journal.count and not tally.sites:
        raise NothingToReportError(_nothing_in(data_dir))
    alarms = read_alarms(data_dir, since, count_and_warn)
    known = [day for site in tally.sites.values() for day in site.days] + [run.start.date() for run in journal.runs]
    first = max(since, min((last, *known)))  # a young folder has no empty days before its first
    report = report_figures(str(data_dir), now, first, last, journal, alarms, tally)
    return CollectedData(report, since, articles, site_lookup)


def _by_day(folder: Path) -> list[tuple[date, Path]]:
    """Return the finished record files, oldest first, each with the day of its folder."""
    found = []
    for path in sorted(folder.glob("*/*.jsonl")):
        try:
            day = date.fromisoformat(path.parent.name)
        except ValueError:
            continue  # not a folder of ours
        if not path.name.startswith("."):
            found.append((day, path))
    return found


def _rejects(path: Path, warn: WarnFunction) -> Iterator[Reject]:
    with open_regular(path) as file:
        for number, line in enumerate(file, 1):
            try:
                yield Reject.model_validate_json(line)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                where = ".".join(map(str, first["loc"]))
                warn(f"{path}, line {number}: not a reject's record: {where} {first['msg']}")


def _nothing_in(data_dir: Path) -> str:
    what = "does not exist" if not data_dir.exists() else "has no runs of Winnow and no records"
    return f"DATA_DIR {str(data_dir)!r} {what}; crawl first, or name another with -s DATA_DIR=FOLDER"
