"""`scrapy explain`: why each block of a page was kept or dropped."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.command_line import add_examples, die_quietly_of_broken_pipes, die_quietly_of_interrupts, fail

if TYPE_CHECKING:
    from cleaners.blocks import Document


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False  # a file needs none; a URL makes its own

    def syntax(self) -> str:
        return "[options] <URL | file | ->"

    def short_desc(self) -> str:
        return "Show every block of a page, kept or dropped, and the rule that said so"

    def long_desc(self) -> str:
        return (
            "Clean one page and show every block of it: + kept, - dropped, its kind, the rule, the text.\n"
            "A URL is fetched as a crawl would: robots.txt, proxies, limits. Piped, columns are parted by tabs."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--url", help="where a file is from: its site's rules apply")
        parser.add_argument("--kind", help="only blocks of this kind (byline, ...) or type (paragraph, ...)")
        add_examples(
            parser,
            "scrapy explain https://example.com/2026/03/story",
            "scrapy explain page.html --url https://example.com/2026/03/story",
            "scrapy explain page.html --kind related_link | cut -f 3 | sort | uniq -c",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from cleaners.blocks import BlockType, Kind
        from crawler.inputs import BadInputError
        from crawler.profiles import ProfileError

        if len(args) != 1:
            raise UsageError("name one URL or file, or - for stdin")
        kinds = [kind.value for kind in (*Kind, *BlockType)]
        if opts.kind and opts.kind not in kinds:
            raise UsageError(f"no kind {opts.kind!r}; there is {', '.join(dict.fromkeys(kinds))}", print_help=False)
        try:
            self._explain(args[0], opts.url, opts.kind)
        except (BadInputError, ProfileError, ValueError) as error:
            self.exitcode = fail("explain", str(error))

    def _explain(self, name: str, url: str | None, kind: str | None) -> None:
        from crawler.explanation import explain
        from crawler.records import Origin, to_record

        document = self._fetched(name) if _is_url(name) else _read(name, url)
        if document is None:
            return
        die_quietly_of_broken_pipes()
        die_quietly_of_interrupts()
        where = name if _is_url(name) else url
        explain(document, to_record(document, Origin("explain", datetime.now(UTC), url=where)), kind, sys.stdout)

    def _fetched(self, url: str) -> Document | None:
        from cleaners import clean_page
        from crawler.inputs import site_of
        from crawler.items import RefusedPage
        from crawler.one_page import fetch_page

        assert self.settings is not None
        rules, _name = site_of(url)
        page = fetch_page(url, self.settings)
        if isinstance(page, RefusedPage):
            self.exitcode = fail("explain", f"{url}: {page.reason}: {page.detail}")
            return None
        return clean_page(page, rules=rules)


def _read(name: str, url: str | None) -> Document:
    from crawler.inputs import document_of, read, site_of

    source = read(name)
    return document_of(source, url=url, rules=site_of(url)[0] if url else None)


def _is_url(name: str) -> bool:
    return name.lower().startswith(("http://", "https://"))
