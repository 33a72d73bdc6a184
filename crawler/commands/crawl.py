"""Run a spider, print a summary, and exit with a code that cron can act on: `scrapy crawl`."""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from datetime import datetime
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import BaseRunSpiderCommand
from scrapy.exceptions import UsageError

from crawler import program_name
from crawler.commands.command_line import add_examples, fail
from crawler.extensions.run_ending import interruptible
from crawler.run.logs import log_file, log_to_file, quiet_without_a_terminal, wants_summary
from crawler.run.loop_record import TurnSelector
from crawler.run.process_tuning import (
    collect_rarely,
    freeze_at_exit,
    gc_disabled,
    keep_heap_compact,
    leave_threads_behind,
)

if TYPE_CHECKING:
    import argparse
    from contextlib import AbstractContextManager

    from scrapy.crawler import AsyncCrawlerProcess, Crawler
    from scrapy.settings import BaseSettings

    from crawler.run.loop_record import LoopRecord
    from crawler.workers.fork_server_client import ForkServer
    from output.runs.run_log import RunLine

logger = logging.getLogger(__name__)


class UserError(Exception):
    """Report what only the user can fix, in one line that says how."""


class Command(BaseRunSpiderCommand):
    requires_project = True
    requires_crawler_process = False  # run() creates it once there is something to run

    def syntax(self) -> str:
        return "[options] <spider>"

    def short_desc(self) -> str:
        return "Crawl news: write new articles to DATA_DIR, each once, and print a summary"

    def long_desc(self) -> str:
        return (
            "Run a spider. Articles go to DATA_DIR/articles, rejects to DATA_DIR/rejects,\n"
            "and one line about the run to DATA_DIR/runs.jsonl.\n\n"
            "Exit codes: 0 success, also with nothing new; 1 configuration or internal error; 2 wrong usage;\n"
            "3 a site failed or an alarm was raised; 4 every site failed; 5 another run is using DATA_DIR;\n"
            "130 and 143 interrupted, everything fetched so far is in finished files;\n"
            "137 killed because it did not end in time, the next run finishes its files."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add_examples(
            parser,
            "scrapy crawl news                                every site with a profile",
            "scrapy crawl news -a sites=techcrunch.com,heise.de -a since=2d",
            "scrapy crawl news -a start=https://example.com/  any site, without a profile",
            "scrapy crawl news -a urls=urls.txt               only these articles; - reads stdin",
            "scrapy crawl news -a limit=20 -a budget=10m -s DATA_DIR=/var/lib/winnow",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError(f"name one spider, for example: {program_name()} crawl news")
        try:
            self.exitcode = self._crawl(args[0], opts.spargs)
        except UserError as error:
            self.exitcode = fail("crawl", str(error))
        freeze_at_exit()

    def _crawl(self, spider: str, arguments: dict[str, str]) -> int:
        assert self.settings is not None
        fork_server = _launch_fork_server(self.settings) if "urls" in arguments else None
        from crawler.run.clock import clock_from
        from crawler.run.outcome import ExitCode
        from output.runs.run_lock import LockedError, hold_run_lock

        data_dir = Path(self.settings["DATA_DIR"])
        _check_data_dir(data_dir)
        try:
            with hold_run_lock(data_dir, clock_from(self.settings)()):
                with _watched(self.settings) as loop:
                    asyncio.set_event_loop(asyncio.SelectorEventLoop(TurnSelector(loop)))
                    crawler, error = self._crawl_locked(spider, arguments, fork_server, loop)
                return _report_start_error(error, crawler) if error else self._finish(crawler)
        except LockedError as error:
            fail("crawl", str(error))
            return ExitCode.LOCKED

    def _crawl_locked(
        self, spider: str, arguments: dict[str, str], fork_server: ForkServer | None, loop: LoopRecord
    ) -> tuple[Crawler, BaseException | None]:
        assert self.settings is not None
        keep_heap_compact()
        collect_rarely()
        with gc_disabled():
            # It scans all loaded modules: import it while they are few.
            import_module("scrapy.core.downloader.contextfactory")
            process = self._process_for(spider)
            from crawler.run.run_options import RunCrawler, RunOptions
        budget = _seconds(arguments["budget"]) if "budget" in arguments else 0.0
        _finish_interrupted_runs(self.settings)
        with gc_disabled():
            options = RunOptions(arguments, budget, fork_server=fork_server, loop=loop)
            crawler = process.create_crawler(
                RunCrawler(process.spider_loader.load(spider), self.settings, init_reactor=True, options=options)
            )
            task = process.crawl(crawler, **arguments)
        with interruptible(crawler):
            process.start(install_signal_handlers=False)
        return crawler, task.exception() if task.done() and not task.cancelled() else None

    def _process_for(self, spider: str) -> AsyncCrawlerProcess:
        from scrapy.crawler import AsyncCrawlerProcess

        assert self.settings is not None
        _check_choices(self.settings)
        quiet_without_a_terminal(self.settings)
        process = AsyncCrawlerProcess(self.settings)
        self.crawler_process = process
        leave_threads_behind()
        known = process.spider_loader.list()
        if spider not in known:
            raise UserError(f"unknown spider {spider!r}; {_suggest(spider, known)}")
        return process

    def _finish(self, crawler: Crawler) -> int:
        """Print the summary; return the exit code."""
        from crawler.extensions.run_journal import RunJournal

        journal = crawler.get_extension(RunJournal)
        if journal is None or journal.line is None:
            return fail("crawl", "the run ended without a line in runs.jsonl; see the log")
        line = journal.line
        if not wants_summary(crawler.settings):
            _report_failures(line, crawler.settings)
            return line.exit_code
        from crawler.run.summary import print_summary  # imports rich, which a silent run can do without

        to_stdout = not any(str(uri).startswith("stdout:") for uri in crawler.settings.getdict("FEEDS"))
        try:
            print_summary(line, Path(crawler.settings["DATA_DIR"]), sys.stdout if to_stdout else sys.stderr)
        except Exception as error:  # a terminal that has gone, or cannot show a name; the run is what it is
            logger.error("the summary cannot be printed: %s", error)
        return line.exit_code


def _check_data_dir(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(
            f"cannot write to DATA_DIR {str(folder)!r} ({error.strerror}); "
            "choose another with -s DATA_DIR=FOLDER or WINNOW_DATA_DIR"
        ) from None


def _watched(settings: BaseSettings) -> AbstractContextManager[LoopRecord]:
    """Watch over the crawl from another process."""
    from crawler.run.clock import clock_from
    from crawler.run.watchdog import watched

    log = log_file(Path(settings["DATA_DIR"]), clock_from(settings)()) if settings.getbool("LOG_ENABLED") else None
    stall, ending = settings.getfloat("LOOP_STALL"), settings.getfloat("ENDING_TIME")
    return watched(f"{program_name()} crawl", log, stall=stall, ending=ending)


def _launch_fork_server(settings: BaseSettings) -> ForkServer | None:
    """Start the server that forks workers, so that it warms up on another core while this process imports Scrapy.

    Return None if it cannot be started; the pipeline that needs it then reports the error.
    """
    from crawler.workers.page_cleaner import launch_fork_server

    try:
        return launch_fork_server(settings)
    except (OSError, ValueError):
        return None


def _check_choices(settings: BaseSettings) -> None:
    from crawler.frontier.state_settings import near_duplicates, schedule_of
    from crawler.middlewares.opt_out import skips_opted_out
    from crawler.run.alarm_hooks import AlarmHooks

    try:
        skips_opted_out(settings)
        near_duplicates(settings)
        schedule_of(settings)
        AlarmHooks.from_settings(settings)
    except ValueError as error:
        raise UserError(str(error)) from None


def _finish_interrupted_runs(settings: BaseSettings) -> None:
    from crawler.archive.archive_files import repair_archive
    from crawler.frontier.state_settings import run_finalizer, state_url
    from crawler.run.clock import clock_from
    from output.files.recovery import recover_runs
    from output.state import State, StateError

    now = clock_from(settings)()
    try:
        log_to_file(settings, now)
        repair_archive(Path(settings["DATA_DIR"]))
        state = State.open(state_url(settings))
        try:
            recover_runs(run_finalizer(settings, state), now)
        finally:
            state.close()
    except (OSError, StateError, ValueError) as error:
        raise UserError(f"cannot finish the files of earlier runs: {error}") from None


def _report_failures(line: RunLine, settings: BaseSettings) -> None:
    """Print one line on stderr for each failure, for cron to mail, when there is no summary."""
    from crawler.run.outcome import ExitCode

    if line.exit_code in (ExitCode.ERROR, ExitCode.SITE_FAILED, ExitCode.ALL_SITES_FAILED):
        for alarm in line.alarms:
            fail("crawl", f"alarm: {alarm}")
        if line.outcome == "alarm":
            return
        failed = [site for site, counts in line.sites.items() if counts.failed]
        names = f": {', '.join(failed[:10])}{' ...' if len(failed) > 10 else ''}" if failed else ""
        what = "a site failed" if line.outcome == "site_failed" else line.outcome.replace("_", " ")
        log = log_file(Path(settings["DATA_DIR"]), datetime.fromisoformat(line.start))
        fail("crawl", f"{what}{names}; see {log}")


def _seconds(budget: str) -> float:
    from crawler.spiders.arguments import read_duration

    duration = read_duration(f"{budget}s" if budget.strip()[-1:].isdigit() else budget)  # a plain number is in seconds
    if not duration:
        raise UserError(f"budget={budget}: not a duration; write for example 90s, 10m or 1h30m")
    return duration.total_seconds()


def _suggest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known)
    return f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(known)}"


def _report_start_error(error: BaseException, crawler: Crawler) -> int:
    """Report why the crawl could not start: a user's error in one line, an internal one with its traceback."""
    from output.state import StateError

    if isinstance(error, StateError) or (crawler.spider is None and isinstance(error, (ValueError, OSError))):
        logger.debug("the spider could not be created", exc_info=error)
        return fail("crawl", str(error))
    logger.critical("the crawl could not start", exc_info=error)
    return 1
