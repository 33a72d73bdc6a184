"""`scrapy reclean`: the records of any days once more, from the archive, with today's cleaners."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.commands.command_line import add_examples, die_quietly_of_interrupts, fail

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
        return "Clean archived pages again, into a folder of their own"

    def long_desc(self) -> str:
        return (
            "Make the records of any days anew, with today's cleaners, from what crawls with ARCHIVE=True have kept in\n"
            "DATA_DIR/archive; nothing is fetched. They keep their id, run, time of fetching and revision, and go to a new\n"
            "folder, with files and a runs.jsonl as in DATA_DIR, where nothing is changed.\n\n"
            "Exit codes: 0 well; 1 nothing could be done; 2 wrong usage; 3 done, but for records of the archive that\n"
            "cannot be read, which are named on stderr."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--since", metavar="DATE", help="the first day on which runs began, UTC, as in 2026-03-01")
        parser.add_argument("--until", metavar="DATE", help="the last one")
        parser.add_argument("--site", metavar="ID", help="of this site alone: a profile's id, or a registered domain")
        parser.add_argument(
            "-o", dest="folder", metavar="DIR", help="a new folder (default: DATA_DIR/recleaned/<time>)"
        )
        parser.add_argument("--jobs", type=int, metavar="N", help="processes that clean (default: one for each core)")
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
            raise UsageError("--jobs is 1 or more", print_help=False)
        since, until = _day("--since", opts.since), _day("--until", opts.until)
        now = datetime.now(UTC)
        data_dir = Path(self.settings["DATA_DIR"])
        target = Path(opts.folder) if opts.folder else data_dir / "recleaned" / new_run_id(now)
        archive = whole_files(data_dir, since, until)
        if not archive:
            of_days = " of these days" if since or until else ""
            self.exitcode = fail(
                "reclean", f"{data_dir / 'archive'} has no files{of_days}; a crawl with -s ARCHIVE=True writes them"
            )
            return
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            self.exitcode = fail("reclean", f"{target} is there already; name a new folder")
            return
        die_quietly_of_interrupts()
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
            rebuilding = ArchiveRebuild(data_dir, target, cleaning, _tell, opts.site)
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
        raise UsageError(f"{option} {given}: not a day; write one such as 2026-03-01", print_help=False) from None


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


def _summary(tally: RebuildTally, target: Path) -> list[str]:
    lines = [
        f"{tally.articles:,} articles from {tally.pages:,} archived pages of {tally.runs:,} runs, in {target}",
        f"  {tally.changed:,} changed, {tally.new:,} new; {tally.lost:,} that were articles are none any more",
    ]
    if tally.absent:
        lines.append(f"  {tally.absent:,} stored articles have no page in the archive, and are left out")
    if tally.rejects:
        told = ", ".join(f"{reason} {count:,}" for reason, count in tally.rejects.most_common())
        lines.append(f"  {tally.rejects.total():,} rejects: {told}")
    if tally.broken:
        lines.append(f"  {tally.broken:,} records of the archive could not be read")
    return lines
