"""Make records again from the archive, with the current cleaners: `scrapy reclean`."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.commands.command_line import add_examples, exit_quietly_on_interrupts, fail
from crawler.run.terminal_text import printable

if TYPE_CHECKING:
    import argparse

    from crawler.reclean.rebuild import RebuildTally
    from crawler.workers.page_cleaner import PageCleaner

_WITH_LOSSES = 3


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Clean archived pages again, into a new folder"

    def long_desc(self) -> str:
        return (
            "Make records again with the current cleaners, from the pages that crawls with ARCHIVE=True kept in\n"
            "DATA_DIR/archive. Nothing is fetched, and DATA_DIR does not change. Records keep their id, run, fetch time and\n"
            "revision, and go to a new folder with the same layout, including runs.jsonl.\n\n"
            "Exit codes: 0 success; 1 nothing could be done; 2 wrong usage; 3 done without the archive records that\n"
            "cannot be read, which stderr lists."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--since", metavar="DATE", help="only runs that began on this day (UTC) or later, for example 2026-03-01"
        )
        parser.add_argument("--until", metavar="DATE", help="only runs that began on this day or earlier")
        parser.add_argument("--site", metavar="ID", help="only this site: a profile's id, or a registered domain")
        parser.add_argument(
            "-o", dest="folder", metavar="DIR", help="the new folder (default: DATA_DIR/recleaned/<time>)"
        )
        parser.add_argument("--jobs", type=int, metavar="N", help="worker processes (default: one for each core)")
        add_examples(
            parser,
            "scrapy reclean",
            "scrapy reclean --since 2026-03-01 --until 2026-03-31 -o march",
            "scrapy reclean --site heise.de -s DATA_DIR=/var/lib/winnow",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.archive.archive_files import whole_files
        from output.runs.run_log import new_run_id
        from output.state import StateError

        assert self.settings is not None
        if args:
            raise UsageError("reclean takes options only", print_help=False)
        if opts.jobs is not None and opts.jobs < 1:
            raise UsageError("--jobs must be 1 or more", print_help=False)
        since, until = _day("--since", opts.since), _day("--until", opts.until)
        now = datetime.now(UTC)
        data_dir = Path(self.settings["DATA_DIR"])
        target = Path(opts.folder) if opts.folder else data_dir / "recleaned" / new_run_id(now)
        archive = whole_files(data_dir, since, until)
        if not archive:
            of_days = " of these days" if since or until else ""
            self.exitcode = fail(
                "reclean", f"no files{of_days} in {data_dir / 'archive'}; crawl with -s ARCHIVE=True to write them"
            )
            return
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            self.exitcode = fail("reclean", f"{target} exists already; name a new folder")
            return
        exit_quietly_on_interrupts()
        try:
            target.mkdir(parents=True, exist_ok=True)
            tally = asyncio.run(self._rebuild(data_dir, target, archive, now, opts))
        except (OSError, StateError, ValueError) as error:
            self.exitcode = fail("reclean", str(error))
            return
        print("\n".join(_summary(tally, target)))
        self.exitcode = _WITH_LOSSES if tally.broken else 0

    async def _rebuild(
        self, data_dir: Path, target: Path, archive: dict[str, list[Path]], now: datetime, opts: argparse.Namespace
    ) -> RebuildTally:
        from crawler.pipelines.clean_page import CleanPipeline
        from crawler.reclean.rebuild import ArchiveRebuild

        cleaning = CleanPipeline(self._cleaner(opts.jobs))
        try:
            rebuilding = ArchiveRebuild(data_dir, target, cleaning, _warn, opts.site)
            await rebuilding.rebuild(archive, now)
        finally:
            await cleaning.close_spider()
        return rebuilding.tally

    def _cleaner(self, jobs: int | None) -> PageCleaner:
        from crawler.run.process_tuning import usable_cores
        from crawler.workers import clean_task
        from crawler.workers.page_cleaner import PoolPageCleaner, budget_of
        from crawler.workers.pool import WorkerPool

        assert self.settings is not None
        return PoolPageCleaner(WorkerPool(jobs or usable_cores(), budget_of(self.settings), clean_task.warm_up_pages))


def _day(option: str, given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise UsageError(f"{option} {given}: not a date; write for example 2026-03-01", print_help=False) from None


def _warn(line: str) -> None:
    print(printable(line), file=sys.stderr)


def _summary(tally: RebuildTally, target: Path) -> list[str]:
    lines = [
        f"{tally.articles:,} articles from {tally.pages:,} archived pages of {tally.runs:,} runs, in {target}",
        f"  {tally.changed:,} changed, {tally.new:,} new; {tally.lost:,} are no longer articles",
    ]
    if tally.absent:
        lines.append(f"  {tally.absent:,} stored articles left out: no page in the archive")
    if tally.rejects:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in tally.rejects.most_common())
        lines.append(f"  {tally.rejects.total():,} rejects: {reasons}")
    if tally.broken:
        lines.append(f"  {tally.broken:,} archive records could not be read")
    return lines
