"""Clean local pages and texts to records on stdout: `scrapy clean`."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.commands.command_line import add_examples, exit_on_broken_pipe, exit_quietly_on_interrupts, fail

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from crawler.local_files.clean_files import FileJob, OutputLine


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] <file | folder | -> ..."

    def short_desc(self) -> str:
        return "Clean HTML or text files to records on stdout"

    def long_desc(self) -> str:
        return (
            "Clean HTML files, text files, WARC files, folders of these, or stdin (-).\n"
            "Records go to stdout, one a line, in the order of the input. Rejects go to stderr, one a line with a reason.\n"
            "A file name such as 000_a1dabfe53a31de1e.html sets the record's id.\n\n"
            "Exit codes: 0 at least one article; 1 no article, or a file could not be read; 2 wrong usage."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--url", help="the URL of the page: sets id, url and source, and applies its site's rules")
        parser.add_argument(
            "--jobs",
            type=int,
            metavar="N",
            help="worker processes, by default one for each core",
        )
        add_examples(
            parser,
            "scrapy clean page.html --url https://example.com/2026/03/story",
            "scrapy clean pages/ > articles.jsonl 2> rejects.jsonl",
            "scrapy clean CC-NEWS-20260301000000-00001.warc.gz > articles.jsonl",
            "curl -s https://example.com/story | scrapy clean - | jq -r .text",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.local_files.clean_files import FileJob
        from crawler.local_files.inputs import find_inputs, site_rules_for
        from crawler.local_files.warc_pages import is_warc
        from crawler.run.process_tuning import usable_cores
        from crawler.sites.profile_loader import ProfileError
        from output.runs.run_log import new_run_id
        from output.storage.regular_file import STDIN

        if not args:
            raise UsageError("name a file or a folder, or - for stdin")
        if opts.jobs is not None and opts.jobs < 0:
            raise UsageError("--jobs must be 0 or more", print_help=False)
        names = list(find_inputs(args))
        if opts.url and len(names) != 1:
            raise UsageError(f"--url is for one page, but there are {len(names)}", print_help=False)
        if names.count(STDIN) > 1:
            raise UsageError("name stdin (-) only once", print_help=False)
        many = len(names) > 1 or any(map(is_warc, names))
        if opts.url and many:
            raise UsageError("--url is for one page; the pages of a WARC file have their own URLs", print_help=False)
        exit_quietly_on_interrupts()
        try:
            rules, site_name = site_rules_for(opts.url) if opts.url else (None, None)
        except (ProfileError, ValueError) as error:
            self.exitcode = fail("clean", str(error))
            return
        if not names:
            self.exitcode = fail("clean", f"no HTML or text files in {', '.join(args)}")
            return
        start = datetime.now(UTC)
        job = FileJob(new_run_id(start), start, opts.url, rules, site_name)
        tally = _Tally()
        jobs = usable_cores() if opts.jobs is None else max(1, opts.jobs)
        if not any(map(is_warc, names)):
            jobs = min(jobs, len(names))
        asyncio.run(self._clean(names, job, jobs, tally, one=not many))
        self.exitcode = tally.exit_code

    async def _clean(self, names: list[str], job: FileJob, jobs: int, tally: _Tally, *, one: bool) -> None:
        from crawler.local_files.clean_files import clean_files
        from crawler.local_files.warc_pages import expand_inputs
        from crawler.workers.page_cleaner import budget_of

        assert self.settings is not None
        inputs = expand_inputs(_with_progress(names))
        async for line in clean_files(inputs, job, jobs, budget_of(self.settings), one=one):
            tally.write(line)


class _Tally:
    """Write articles to stdout and rejects to stderr, and count what decides the exit code."""

    def __init__(self) -> None:
        self._clean = self._unreadable = 0

    def write(self, line: OutputLine) -> None:
        self._clean += line.is_article
        self._unreadable += line.unreadable
        stream = (sys.stdout if line.is_article else sys.stderr).buffer
        try:
            stream.write(line.data)
            stream.flush()
        except BrokenPipeError:
            exit_on_broken_pipe()

    @property
    def exit_code(self) -> int:
        return 0 if self._clean and not self._unreadable else 1


def _with_progress(names: list[str]) -> Iterator[str]:
    """Yield the names, with a progress bar if stderr is a terminal and the records go elsewhere."""
    if len(names) == 1 or not sys.stderr.isatty() or sys.stdout.isatty():
        yield from names
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(names, description="cleaning", console=Console(stderr=True), transient=True)
