"""`scrapy addsite`: a profile for an outlet that has none, made of what its own pages say."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.command_line import add_examples, fail

if TYPE_CHECKING:
    from crawler.addsite.draft import Draft
    from crawler.addsite.scout import Scouted

_NOTHING_FOUND = 4  # as a crawl in which every site failed
_INTERRUPTED = 130


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False  # made once it is known that there is something to fetch

    def syntax(self) -> str:
        return "[options] <URL>"

    def short_desc(self) -> str:
        return "Write the profile of an outlet from its own pages"

    def long_desc(self) -> str:
        return (
            "Look at an outlet from its start page (or a feed, a sitemap, a section) and write its profile: sources,\n"
            "the pattern of its articles, name, language, time zone, delay, and what repeats across its articles.\n"
            "A few articles are fetched, as a crawl would: robots.txt, delays, limits. Three of them are kept as fixtures.\n\n"
            "It goes to the folder where crawls read profiles: that of WINNOW_SITES_DIR, else crawler/sites; fixtures\n"
            "stand under it, in fixtures/. The pages are the outlet's: whether you may share them is yours to judge.\n"
            "What is doubtful is named, one line each: look at these before you trust the profile.\n\n"
            "Exit codes: 0 written; 1 it exists already, or cannot be written; 2 wrong usage;\n"
            "4 no answer, no article, or robots.txt forbids; 130 interrupted."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--into", metavar="FOLDER", help="folder of profiles to write to")
        parser.add_argument("--force", action="store_true", help="overwrite a profile and its fixtures")
        add_examples(
            parser,
            "scrapy addsite https://www.example.com/",
            "scrapy addsite https://www.example.com/tech/ --into my-sites",
            "WINNOW_SITES_DIR=my-sites scrapy sites test example.com    its fixtures, after an edit",
            "WINNOW_SITES_DIR=my-sites scrapy crawl news -a sites=example.com",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.discovery.urls import clean_url

        if len(args) != 1:
            raise UsageError("name one URL, as in: scrapy addsite https://www.example.com/")
        try:
            url = clean_url(args[0])
        except ValueError:
            raise UsageError(
                f"{args[0]}: not a URL; write it whole: https://www.example.com/", print_help=False
            ) from None
        self.exitcode = self._add(url, _folder(opts.into), force=opts.force)

    def _add(self, url: str, folder: Path, *, force: bool) -> int:
        from crawler.addsite.draft import NothingFoundError, draft
        from crawler.addsite.pattern import common_domains

        if folder.exists() and not folder.is_dir():
            return fail("addsite", f"{folder}: is no folder; name one with --into")
        if not force and _exists(folder, common_domains([urlsplit(url).hostname or ""])[0]):
            return _refuse_to_overwrite(folder, common_domains([urlsplit(url).hostname or ""])[0])
        found = self._look(url)
        if not found.done:
            fail("addsite", f"{url}: interrupted, nothing is written")
            return _INTERRUPTED
        try:
            made = draft(found)
        except NothingFoundError as error:
            fail("addsite", f"{url}: {error}")
            return _NOTHING_FOUND
        if not force and _exists(folder, made.id):
            return _refuse_to_overwrite(folder, made.id)
        return self._write(made, folder)

    def _write(self, made: Draft, folder: Path) -> int:
        from crawler.addsite import fixtures, profile_file
        from crawler.addsite.telling import tell
        from crawler.profiles import ProfileError

        file = folder / f"{made.id}.toml"
        try:
            profile = profile_file.write(made, file)
            places = fixtures.write(
                fixtures.folder_of(folder, made.id), [sample.page for sample in made.samples], profile
            )
        except ProfileError as error:
            return fail("addsite", f"what was found makes no profile: {str(error).rpartition('.toml: ')[2]}")
        except OSError as error:
            return fail(
                "addsite", f"{error.filename or file}: cannot be written ({error.strerror}); name a folder with --into"
            )
        tell(made, file, places)
        return 0

    def _look(self, url: str) -> Scouted:
        from scrapy.crawler import AsyncCrawlerProcess

        from crawler.addsite.scout import Scout, Scouted

        assert self.settings is not None
        found = Scouted(url)
        self.settings.set("SPIDER_MODULES", [], priority="cmdline")  # it is a spider of its own
        process = AsyncCrawlerProcess(self.settings)
        task = process.crawl(process.create_crawler(Scout), found=found)
        process.start()
        if not task.cancelled() and (error := task.exception()):
            raise error
        return found


def _folder(given: str | None) -> Path:
    from crawler.profiles import profiles_folder

    return Path(given) if given else profiles_folder()


def _exists(folder: Path, name: str) -> bool:
    return (folder / f"{name}.toml").exists()


def _refuse_to_overwrite(folder: Path, name: str) -> int:
    return fail("addsite", f"{folder / f'{name}.toml'}: is there already; --force overwrites it and its fixtures")
