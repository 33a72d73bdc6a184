"""`scrapy clean`: pages and texts that are already here, to records on stdout."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.command_line import add_examples, die_quietly_of_broken_pipes, die_quietly_of_interrupts, fail

if TYPE_CHECKING:
    from cleaners.page import SiteRules
    from output.article import Article, Reject


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] <file | folder | -> ..."

    def short_desc(self) -> str:
        return "Clean HTML or text files to records on stdout"

    def long_desc(self) -> str:
        return (
            "Clean HTML files, text files, folders of them, or stdin (-).\n"
            "One record a line goes to stdout, in the order of the input; what gives none goes to stderr,\n"
            "one line each with its reason. A file name such as 000_a1dabfe53a31de1e.html gives the record's id.\n\n"
            "Exit codes: 0 something was clean, 1 nothing was or a file could not be read, 2 wrong usage."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--url", help="where the page is from: gives id, url, source, and its site's rules")
        add_examples(
            parser,
            "scrapy clean page.html --url https://example.com/2026/03/story",
            "scrapy clean pages/ > articles.jsonl 2> rejects.jsonl",
            "curl -s https://example.com/story | scrapy clean - | jq -r .text",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.inputs import STDIN, find, site_of
        from crawler.profiles import ProfileError

        if not args:
            raise UsageError("name a file or a folder, or - for stdin")
        names = list(find(args))
        if opts.url and len(names) != 1:
            raise UsageError(f"--url says where one page is from, and here are {len(names)}", print_help=False)
        if names.count(STDIN) > 1:
            raise UsageError("stdin (-) can be read only once", print_help=False)
        die_quietly_of_broken_pipes()
        die_quietly_of_interrupts()
        try:
            rules = site_of(opts.url) if opts.url else (None, None)
        except (ProfileError, ValueError) as error:
            self.exitcode = fail("clean", str(error))
            return
        if not names:
            self.exitcode = fail("clean", f"no HTML or text files in {', '.join(args)}")
            return
        self.exitcode = _write(_records(names, opts.url, *rules))


def _records(
    names: list[str], url: str | None, rules: SiteRules | None, site_name: str | None
) -> Iterator[Article | Reject]:
    from crawler.inputs import BadInputError, document_of, read
    from crawler.records import Origin, to_record, to_reject
    from output.article import Reject
    from output.runs import new_run_id

    start = datetime.now(UTC)
    run = new_run_id(start)
    for name in _with_progress(names):
        origin = Origin(run, start, url=url, site_name=site_name)
        try:
            source = read(name)
            # A name that carries an id goes before the URL, the URL before the content.
            origin = Origin(run, start, url, url, site_name, id=source.id if source.named or not url else None)
            record = to_record(document_of(source, url=url, rules=rules), origin)
            if isinstance(record, Reject) and not url:
                record = record.model_copy(update={"detail": f"{name}: {record.detail}"})
            yield record
        except BadInputError as error:
            yield to_reject(error.reason, error.detail, origin)
        except Exception as error:  # one page that breaks the cleaners must not end the work on a thousand
            yield to_reject("cleaning_crash", f"{name}: {type(error).__name__}: {error}", origin)


def _write(records: Iterable[Article | Reject]) -> int:
    import orjson

    from output.article import Article, RejectReason

    clean = unreadable = 0
    for record in records:
        line = orjson.dumps(record.model_dump(mode="json"), option=orjson.OPT_APPEND_NEWLINE)
        if isinstance(record, Article):
            clean += 1
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
        else:
            unreadable += record.reason is RejectReason.UNREADABLE
            sys.stderr.buffer.write(line)
            sys.stderr.buffer.flush()
    return 0 if clean and not unreadable else 1


def _with_progress(names: list[str]) -> Iterator[str]:
    """The names, with a bar on stderr where a person looks on and the records go elsewhere."""
    if len(names) == 1 or not sys.stderr.isatty() or sys.stdout.isatty():
        yield from names
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(names, description="cleaning", console=Console(stderr=True), transient=True)
