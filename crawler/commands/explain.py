"""Show why each block of a page was kept or dropped: `scrapy explain`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler import program_name
from crawler.commands.command_line import add_examples, exit_quietly_on_broken_pipes, exit_quietly_on_interrupts, fail

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Mapping

    from cleaners.document import Document
    from crawler.local_files.limited_cleaner import LimitedCleaner


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False  # a file needs none; a URL creates its own

    def syntax(self) -> str:
        return "[options] <URL | file | -> | --why KIND <file | folder> ..."

    def short_desc(self) -> str:
        return "Show every block of a page, kept or dropped, and the rule that decided"

    def long_desc(self) -> str:
        return (
            "Clean one page and show where its title, authors and dates come from, then every block: + kept, - dropped,\n"
            "its kind, the rule, the block model's score, and the text. If DATA_DIR has a crawl of the site, also show on\n"
            "how many of the site's articles the block is. A URL is fetched as in a crawl, with robots.txt, proxies and\n"
            "limits. In a pipe, tabs separate the columns.\n\n"
            "--why KIND lists every block of that kind in files and folders: rule, file, text.\n"
            "--html writes one HTML file: the page's blocks, dropped ones struck through, beside the text."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--url", help="the URL of a file's page: applies its site's rules")
        parser.add_argument("--kind", help="show only blocks of this kind (byline, ...) or type (paragraph, ...)")
        parser.add_argument("--why", metavar="KIND", help="list every block of this kind in files and folders of pages")
        parser.add_argument("--html", action="store_true", help="write a self-contained HTML file")
        parser.add_argument("-o", "--output", metavar="FILE", help="write the HTML to this file (default: stdout)")
        parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
        add_examples(
            parser,
            "scrapy explain https://example.com/2026/03/story",
            "scrapy explain page.html --url https://example.com/2026/03/story",
            "scrapy explain page.html --kind related_link | cut -f 3 | sort | uniq -c",
            "scrapy explain --why byline pages/ | sort",
            "scrapy explain https://example.com/2026/03/story --html -o story.html",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from cleaners.document import BlockType, Kind
        from crawler.local_files.inputs import BadInputError
        from crawler.sites.profile_loader import ProfileError
        from output.export.target import TargetError

        kinds = [kind.value for kind in (*Kind, *BlockType)]
        for kind in filter(None, (opts.kind, opts.why)):
            if kind not in kinds:
                raise UsageError(
                    f"unknown kind {kind!r}; choose from {', '.join(dict.fromkeys(kinds))}", print_help=False
                )
        if opts.why and not args:
            raise UsageError("--why KIND needs files or folders", print_help=False)
        if not opts.why and len(args) != 1:
            raise UsageError("name one URL or file, or - for stdin")
        if opts.why and opts.html:
            raise UsageError("--html shows one page, --why lists many: choose one", print_help=False)
        if not opts.html and (opts.output or opts.force):
            raise UsageError("-o and --force work only with --html", print_help=False)
        if opts.html and not opts.output and sys.stdout.isatty():
            raise UsageError("--html writes a file for a browser: name it with -o", print_help=False)
        exit_quietly_on_broken_pipes()
        exit_quietly_on_interrupts()
        try:
            if opts.why:
                self._list(args, opts.why)
            else:
                self._explain(args[0], opts)
        except (BadInputError, ProfileError, TargetError, ValueError) as error:
            self.exitcode = fail("explain", str(error))
        except OSError as error:
            self.exitcode = fail("explain", f"{error.filename or opts.output}: {error.strerror or error}")

    def _explain(self, name: str, opts: argparse.Namespace) -> None:
        from crawler.pipelines.document_record import RecordOrigin, to_record
        from crawler.report.explanation import explain_document

        if opts.html and opts.output and not opts.force:
            from crawler.report.html_report import refuse_to_replace

            refuse_to_replace(opts.output)
        document = self._fetched(name) if _is_url(name) else self._read(name, opts.url)
        if document is None:
            return
        origin = RecordOrigin("explain", datetime.now(UTC), url=name if _is_url(name) else opts.url)
        document, memory = self._with_memory(document, origin.url)
        record = to_record(document, origin)
        if opts.html:
            from crawler.report.explanation import explain_page
            from crawler.report.html_report import STDOUT_NAME, write_html

            html = explain_page(document, record, origin, memory, name=name, kind=opts.kind)
            write_html(opts.output or STDOUT_NAME, html, force=opts.force)
        else:
            explain_document(document, record, opts.kind, sys.stdout, memory)

    def _with_memory(self, document: Document, url: str | None) -> tuple[Document, Mapping[int, str]]:
        """Apply site memory to the document, if the state knows the site.

        Return the document, and by block index on how many of the site's articles the block is.
        """
        assert self.settings is not None
        if url is None:
            return document, {}
        from crawler.local_files.inputs import site_id_of
        from crawler.report.known_blocks import KnownBlocks

        known = KnownBlocks(self.settings)
        try:
            applied = known.apply(document, site_id_of(url))
        finally:
            known.close()
        if known.problem:
            print(f"{program_name()} explain: {known.problem}", file=sys.stderr)
        return applied

    def _list(self, names: list[str], kind: str) -> None:
        """Print rule, file and text of each block of a kind. Skip files without a page, with an error on stderr."""
        from cleaners.document import Kind
        from crawler.local_files.inputs import find_inputs
        from crawler.report.explanation import kind_label, merge_repeats, rule_label
        from crawler.run.terminal_text import printable

        files = list(find_inputs(names))
        if not files:
            self.exitcode = fail("explain", f"no HTML or text files in {', '.join(names)}")
        documents = self._cleaned(files)
        for name, document in merge_repeats(documents) if kind == Kind.REPEATED.value else documents:
            for block in document.blocks:
                if kind_label(block) == kind:
                    print(rule_label(block), printable(name), printable(block.text), sep="\t")

    def _cleaned(self, files: Iterable[str]) -> Iterator[tuple[str, Document]]:
        from crawler.local_files.inputs import BadInputError, read_input

        with self._cleaner() as cleaner:
            for name in files:
                try:
                    yield name, cleaner.clean_local(read_input(name))
                except BadInputError as error:
                    self.exitcode = fail("explain", error.detail)

    def _fetched(self, url: str) -> Document | None:
        from crawler.items import FailedPage
        from crawler.local_files.inputs import site_rules_for
        from crawler.spiders.single_page import fetch_page

        assert self.settings is not None
        rules, _name = site_rules_for(url)
        page = fetch_page(url, self.settings)
        if isinstance(page, FailedPage):
            rejection = page.rejection
            self.exitcode = fail("explain", f"{url}: {rejection.reason}: {rejection.detail}")
            return None
        with self._cleaner() as cleaner:
            return cleaner.clean_fetched(page, rules)

    def _read(self, name: str, url: str | None) -> Document:
        from crawler.local_files.inputs import read_input, site_rules_for

        source = read_input(name)
        with self._cleaner() as cleaner:
            return cleaner.clean_local(source, url, site_rules_for(url)[0] if url else None)

    def _cleaner(self) -> LimitedCleaner:
        from crawler.local_files.limited_cleaner import LimitedCleaner
        from crawler.workers.page_cleaner import budget_of

        assert self.settings is not None
        return LimitedCleaner(budget_of(self.settings))


def _is_url(name: str) -> bool:
    return name.lower().startswith(("http://", "https://"))
