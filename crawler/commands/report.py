"""Write one HTML file about the last runs: `scrapy report`."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.commands.command_line import (
    LimitedWarnings,
    add_examples,
    exit_quietly_on_broken_pipes,
    exit_quietly_on_interrupts,
    fail,
)

if TYPE_CHECKING:
    import argparse

    from crawler.report.collect import CollectedData
    from crawler.report.page_sample import PageSample

_WITH_LOSSES = 3
_MOST_DAYS, _MOST_PAGES = 366, 2000


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Write one HTML file about the last runs: sites, rejects, alarms, and pages with their dropped blocks"

    def long_desc(self) -> str:
        return (
            "Write one self-contained HTML file about the last runs in DATA_DIR. It shows for each site articles a day,\n"
            "yield, length, filled fields and alarms; why pages gave no article; what the cleaners dropped, by kind; slow\n"
            "hosts; duplicates and revisions; and recent pages with their dropped blocks struck through, each with its rule\n"
            "and score. These pages come from the archive: crawl with ARCHIVE=True.\n\n"
            "Exit codes: 0 success; 1 nothing could be written; 2 wrong usage; 3 written without broken lines, which\n"
            "stderr lists."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "-o", "--output", metavar="FILE", help="the file to write (default: DATA_DIR/report.html); - is stdout"
        )
        parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
        parser.add_argument(
            "--days",
            type=int,
            default=30,
            metavar="N",
            help="days up to the newest run (default: %(default)s)",
        )
        parser.add_argument(
            "--pages", type=int, default=120, metavar="N", help="pages to show at most (default: %(default)s)"
        )
        parser.add_argument(
            "--jobs", type=int, metavar="N", help="worker processes that clean these pages (default: one for each core)"
        )
        add_examples(
            parser,
            "scrapy report",
            "scrapy report -o week.html --days 7 --force",
            "scrapy report -s DATA_DIR=/var/lib/winnow -o /var/www/winnow.html --force",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError("report takes options only", print_help=False)
        for option, number, least, most in (
            ("--days", opts.days, 1, _MOST_DAYS),
            ("--pages", opts.pages, 0, _MOST_PAGES),
            ("--jobs", 1 if opts.jobs is None else opts.jobs, 1, 256),
        ):
            if not least <= number <= most:
                raise UsageError(f"{option} must be {least} to {most}", print_help=False)
        from crawler.report.collect import NothingToReportError
        from output.export.target import TargetError

        assert self.settings is not None
        data_dir = Path(self.settings["DATA_DIR"])
        output = opts.output or str(data_dir / "report.html")
        exit_quietly_on_interrupts()
        exit_quietly_on_broken_pipes()
        try:
            self.exitcode = self._report(data_dir, output, opts)
        except (NothingToReportError, TargetError) as error:
            self.exitcode = fail("report", str(error))
        except OSError as error:
            self.exitcode = fail("report", f"{error.filename or output}: {error.strerror or error}")

    def _report(self, data_dir: Path, output: str, opts: argparse.Namespace) -> int:
        from crawler.report.collect import collect_data
        from crawler.report.html_report import STDOUT_NAME, refuse_to_replace, report_html, write_html

        warnings = LimitedWarnings()
        if not opts.force:
            refuse_to_replace(output)
        collected = collect_data(data_dir, opts.days, datetime.now(UTC), warnings)
        sample, notes = self._sample(data_dir, collected, opts, warnings)
        warnings.finish()
        size = write_html(output, report_html(collected.report, sample, notes), force=opts.force)
        report = collected.report
        summary = f"{report.articles:,} articles of {report.journal.count:,} runs, {len(sample.pages)} pages"
        if output == STDOUT_NAME:
            print(summary, file=sys.stderr)
        else:
            print(f"{output}: {summary}, {size / 1_000_000:.1f} MB")
        return _WITH_LOSSES if warnings.lines else 0

    def _sample(
        self, data_dir: Path, collected: CollectedData, opts: argparse.Namespace, warnings: LimitedWarnings
    ) -> tuple[PageSample, list[str]]:
        """Return the pages to show, and notes about them."""
        from crawler.report.page_sample import PageSample, has_archive, stored_pages

        since = collected.since
        if not opts.pages:
            return PageSample(has_archive(data_dir, since), 0), []
        if has_archive(data_dir, since):
            return asyncio.run(self._archived(data_dir, collected, opts, warnings))
        return stored_pages(collected.articles, opts.pages, collected.report.site_count, collected.site_lookup), []

    async def _archived(
        self, data_dir: Path, collected: CollectedData, opts: argparse.Namespace, warnings: LimitedWarnings
    ) -> tuple[PageSample, list[str]]:
        from crawler.pipelines.clean_page import CleanPipeline
        from crawler.report.known_blocks import KnownBlocks
        from crawler.report.page_sample import archived_pages
        from crawler.run.process_tuning import usable_cores
        from crawler.workers import clean_task
        from crawler.workers.page_cleaner import PoolPageCleaner, budget_of
        from crawler.workers.pool import WorkerPool

        assert self.settings is not None
        known = KnownBlocks(self.settings)
        cleaning = CleanPipeline(
            PoolPageCleaner(WorkerPool(opts.jobs or usable_cores(), budget_of(self.settings), clean_task.warm_up_pages))
        )
        try:
            sample = await archived_pages(
                data_dir, collected.since, opts.pages, collected.report.site_count, cleaning, known, warnings
            )
        finally:
            await cleaning.close_spider()
            known.close()
        return sample, [f"Pages are shown {known.problem}."] if known.problem else []
