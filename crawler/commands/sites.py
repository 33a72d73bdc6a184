"""List the sites with a profile, check their sources, or test their fixtures: `scrapy sites`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from crawler import program_name
from crawler.commands.command_line import add_examples, exit_quietly_on_broken_pipes, fail
from crawler.run.terminal_text import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from crawler.sites.profile import SiteProfile
    from crawler.spiders.source_check import SourceReport

_USAGE = 2
_INTERRUPTED = 130


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False  # a list needs none, a check creates its own

    def syntax(self) -> str:
        return "[check | test [ID ...]] [options]"

    def short_desc(self) -> str:
        return "List the site profiles, check that their sources answer, or test their fixtures"

    def long_desc(self) -> str:
        return (
            "List the sites with a profile: id, name, language, and sources.\n"
            "With `check`, request every source of all sites, or of the named ones, and report whether it leads to articles.\n"
            "With `test`, clean the fixtures that `scrapy addsite` kept and report what has changed; no network.\n"
            "The output is a table on a terminal, otherwise lines with tabs.\n\n"
            "Exit codes of a check: 0 success, 3 a source fails, 4 every source fails, 2 wrong usage;\n"
            "of a test: 0 success, 3 a page gives a different result, 1 a fixture cannot be read."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add_examples(
            parser,
            "scrapy sites",
            "scrapy sites | cut -f 1                    the ids, one a line",
            "scrapy sites check                         every source of every site",
            "scrapy sites check techcrunch.com heise.de",
            "scrapy sites test example.com              the profile against its fixtures",
            "WINNOW_SITES_DIR=my-sites scrapy sites     your own profiles; works with every command",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002
        from crawler.sites.profile_loader import ProfileError, load_profiles

        subcommand, ids = (args[0], args[1:]) if args else ("", [])
        if subcommand not in ("", "check", "test") or any(arg.startswith("-") for arg in args):
            name = program_name()
            fail(
                "sites",
                f"unknown arguments {' '.join(args)!r}; "
                f"write `{name} sites`, `{name} sites check [ID ...]` or `{name} sites test [ID ...]`",
            )
            self.exitcode = _USAGE
            return
        try:
            profiles = load_profiles(ids or None)
        except ProfileError as error:
            fail("sites", str(error))
            self.exitcode = _USAGE
            return
        run = {"": _list, "check": self._check, "test": _test}
        self.exitcode = run[subcommand](profiles)

    def _check(self, profiles: Sequence[SiteProfile]) -> int:
        from rich.console import Console
        from scrapy.crawler import AsyncCrawlerProcess

        from crawler.spiders.source_check import SOURCE_ROBOTS, SourceCheck, check_exit_code

        assert self.settings is not None
        reports: list[SourceReport] = []
        self.settings.set("SPIDER_MODULES", [], priority="cmdline")  # SourceCheck is not one of the project's spiders
        process = AsyncCrawlerProcess(self.settings)
        crawler = process.create_crawler(SourceCheck)
        task = process.crawl(crawler, profiles=profiles, reports=reports)
        with Console(stderr=True).status(f"checking {len(profiles)} sites", spinner="line"):
            process.start()
        if not task.cancelled() and (error := task.exception()):
            raise error
        order = {profile.id: position for position, profile in enumerate(profiles)}
        reports.sort(key=lambda report: (order[report.site], report.kind == SOURCE_ROBOTS, report.url))
        _print(
            ("site", "kind", "outcome", "detail", "url"),
            [(r.site, r.kind, r.outcome, r.detail, r.url) for r in reports],
            ["" if r.fine else "red" for r in reports],
        )
        finished = crawler.stats is not None and crawler.stats.get_value("finish_reason") == "finished"
        return check_exit_code(reports) if finished else _INTERRUPTED


def _list(profiles: Iterable[SiteProfile]) -> int:
    exit_quietly_on_broken_pipes()
    _print(
        ("id", "name", "language", "sources"),
        [(p.id, p.name, p.language, " ".join(p.sources or [p.home])) for p in profiles],
    )
    return 0


def _test(profiles: Sequence[SiteProfile]) -> int:
    from crawler.addsite.fixtures import FixtureDifference, FixtureError, check_fixtures
    from crawler.sites.profile_loader import profiles_folder

    differences: list[FixtureDifference] = []
    pages = 0
    try:
        for profile in profiles:
            count, found = check_fixtures(profiles_folder(), profile)
            pages, differences = pages + count, differences + found
    except FixtureError as error:
        return fail("sites", str(error))
    _print(
        ("page", "field", "expected", "found"),
        [(str(one.page), one.field, *map(_shortened, one.values_from_difference())) for one in differences],
    )
    print(f"pages tested: {pages}, differences: {len(differences)}", file=sys.stderr)
    return 3 if differences else 0


def _shortened(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 100 else text[:99] + "…"


def _print(heads: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str] = ()) -> None:
    """Print rows as a table on a terminal, otherwise as lines with tabs."""
    if not sys.stdout.isatty():
        sys.stdout.writelines("\t".join(map(printable, row)) + "\n" for row in rows)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold")  # a shortened URL would be useless
    for number, row in enumerate(rows):
        table.add_row(*(Text(printable(cell)) for cell in row), style=styles[number] if styles else "")
    Console().print(table)
