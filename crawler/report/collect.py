"""DATA_DIR → what the report shows of it: files are read once, one line at a time."""

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

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_RECORDS = ("articles", "rejects")


class NothingToReportError(Exception):
    """DATA_DIR holds no runs and no records. The message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class CollectedData:
    """The report, and what its pages are chosen from: article files of these days, and how outlets are named."""

    report: ReportFigures
    since: date
    articles: list[Path]
    outlets: SiteLookup


def collect_data(data_dir: Path, days: int, now: datetime, tell: WarnFunction) -> CollectedData:
    """The last `days` days up to the one on which the newest run began. Raises NothingToReportError, OSError.

    `tell` gets a line for each line that cannot be read, naming file and line.
    """
    found = {folder: _by_day(data_dir / folder) for folder in _RECORDS}
    newest = [day for files in found.values() for day, _ in files[-1:]]
    last = max(filter(None, (last_day(data_dir), *newest)), default=None)
    if last is None:
        raise NothingToReportError(_nothing_in(data_dir))
    since = last - timedelta(days=days - 1)
    articles, rejects = ([path for day, path in found[folder] if day >= since] for folder in _RECORDS)
    tally = RecordTally()

    def told(line: str) -> None:
        tally.broken += 1
        tell(line)

    journal = read_journal(data_dir, since)
    outlets = SiteLookup(journal.sites)
    for _, article in read_articles(articles, told):
        tally.add_article(article, outlets)
    for path in rejects:
        for reject in _rejects(path, told):
            tally.add_reject(reject, outlets)
    if not journal.count and not tally.outlets:
        raise NothingToReportError(_nothing_in(data_dir))
    alarms = read_alarms(data_dir, since, told)
    met = [day for outlet in tally.outlets.values() for day in outlet.days] + [run.start.date() for run in journal.runs]
    first = max(since, min((last, *met)))  # a folder that is young has no empty days before its first
    report = report_figures(str(data_dir), now, first, last, journal, alarms, tally)
    return CollectedData(report, since, articles, outlets)


def _by_day(folder: Path) -> list[tuple[date, Path]]:
    """The finished files of records, oldest first, each with the day in whose folder it is."""
    found = []
    for path in sorted(folder.glob("*/*.jsonl")):
        try:
            day = date.fromisoformat(path.parent.name)
        except ValueError:
            continue  # not ours
        if not path.name.startswith("."):
            found.append((day, path))
    return found


def _rejects(path: Path, tell: WarnFunction) -> Iterator[Reject]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield Reject.model_validate_json(line)
            except ValidationError as error:
                fault = error.errors(include_url=False)[0]
                where = ".".join(map(str, fault["loc"]))
                tell(f"{path}, line {number}: not a reject's record: {where} {fault['msg']}")


def _nothing_in(data_dir: Path) -> str:
    what = "is not there" if not data_dir.exists() else "holds no runs of Winnow and no records"
    return f"DATA_DIR {str(data_dir)!r} {what}; crawl first, or name another with -s DATA_DIR=FOLDER"
