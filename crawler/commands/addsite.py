"""`scrapy addsite`: a profile for an outlet that has none, made of what its own pages say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler import program_name
from crawler.commands.command_line import add_examples, fail

if TYPE_CHECKING:
    import argparse

    from crawler.addsite.draft import ProfileDraft
    from crawler.addsite.probe import ProbeResult

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
            raise UsageError(f"name one URL, as in: {program_name()} addsite https://www.example.com/")
        try:
            url = clean_url(args[0])
        except ValueError:
            raise UsageError(
                f"{args[0]}: not a URL; write it whole: https://www.example.com/", print_help=False
            ) from None
        self.exitcode = self._add(url, _folder(opts.into), force=opts.force)

    def _add(self, url: str, folder: Path, *, force: bool) -> int:
        from crawler.addsite.article_pattern import common_domains
        from crawler.addsite.draft import NothingFoundError, draft_profile

        if folder.exists() and not folder.is_dir():
            return fail("addsite", f"{folder}: is no folder; name one with --into")
        likely = common_domains([urlsplit(url).hostname or ""])[0]
        if not force and (there := _there(folder, likely)):
            return _refuse_to_overwrite(there)
        found = self._look(url)
        if not found.done:
            fail("addsite", f"{url}: interrupted, nothing is written")
            return _INTERRUPTED
        try:
            made = draft_profile(found)
        except NothingFoundError as error:
            fail("addsite", f"{url}: {error}")
            return _NOTHING_FOUND
        if not force and (there := _there(folder, made.id)):
            return _refuse_to_overwrite(there)
        return _write(made, folder)

    def _look(self, url: str) -> ProbeResult:
        from scrapy.crawler import AsyncCrawlerProcess

        from crawler.addsite.probe import ProbeResult, ProbeSpider

        assert self.settings is not None
        found = ProbeResult(url)
        self.settings.set("SPIDER_MODULES", [], priority="cmdline")  # it is a spider of its own
        process = AsyncCrawlerProcess(self.settings)
        task = process.crawl(process.create_crawler(ProbeSpider), found=found)
        process.start()
        if not task.cancelled() and (error := task.exception()):
            raise error
        return found


def _folder(given: str | None) -> Path:
    from crawler.sites.profile_loader import profiles_folder

    return Path(given) if given else profiles_folder()


def _there(folder: Path, name: str) -> Path | None:
    """What a profile of that name would overwrite."""
    from crawler.addsite.fixtures import fixtures_folder

    return next((path for path in (folder / f"{name}.toml", fixtures_folder(folder, name)) if path.exists()), None)


def _refuse_to_overwrite(there: Path) -> int:
    return fail("addsite", f"{there}: is there already; --force overwrites the profile and its fixtures")


def _write(made: ProfileDraft, folder: Path) -> int:
    from crawler.addsite import fixtures, profile_writer
    from crawler.addsite.draft import print_draft
    from crawler.sites.profile_loader import ProfileError

    file = folder / f"{made.id}.toml"
    try:
        profile = profile_writer.write_profile(made, file)
        places = fixtures.write_fixtures(
            fixtures.fixtures_folder(folder, made.id), [one.page for one in made.samples], profile
        )
    except ProfileError as error:
        return fail("addsite", f"what was found makes no profile: {str(error).rpartition('.toml: ')[2]}")
    except OSError as error:
        where = error.filename or file
        return fail("addsite", f"{where}: cannot be written ({error.strerror}); name a folder with --into")
    print_draft(made, file, places, _other_owner(made, folder))
    return 0


def _other_owner(made: ProfileDraft, folder: Path) -> str:
    """Another profile of the folder that claims this one's articles; "" where none does, or one of them is broken."""
    from crawler.sites.profile_loader import ProfileError, load_profiles, profile_for

    try:
        others = [profile for profile in load_profiles(folder=folder) if profile.id != made.id]
    except ProfileError:
        return ""
    owner = profile_for(made.articles[0], others)
    return owner.id if owner else ""
