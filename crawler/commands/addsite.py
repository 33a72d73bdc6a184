"""Write the profile of a new site from its own pages: `scrapy addsite`."""

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

_NOTHING_FOUND = 4  # like a crawl in which every site failed
_INTERRUPTED = 130


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False  # created once there is something to fetch

    def syntax(self) -> str:
        return "[options] <URL>"

    def short_desc(self) -> str:
        return "Write the profile of a site from its own pages"

    def long_desc(self) -> str:
        return (
            "Explore a site from its start page (or a feed, a sitemap, a section) and write its profile: sources,\n"
            "the pattern of article URLs, name, language, time zone, delay, and what repeats across its articles.\n"
            "This fetches a few articles like a crawl, with robots.txt, delays and limits, and keeps three as fixtures.\n\n"
            "The profile goes to WINNOW_SITES_DIR if that is set, else to crawler/sites/data, where crawls read it; fixtures\n"
            "go to fixtures/ below. The pages are the publisher's: decide for yourself whether you may share them.\n"
            "Findings that are uncertain are printed, one line each: check them before you use the profile.\n\n"
            "Exit codes: 0 written; 1 the profile exists already or cannot be written; 2 wrong usage;\n"
            "4 no answer, no article, or forbidden by robots.txt; 130 interrupted."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--into", metavar="FOLDER", help="write the profile to this folder")
        parser.add_argument("--force", action="store_true", help="overwrite a profile and its fixtures")
        add_examples(
            parser,
            "scrapy addsite https://www.example.com/",
            "scrapy addsite https://www.example.com/tech/ --into my-sites",
            "WINNOW_SITES_DIR=my-sites scrapy sites test example.com    test its fixtures after an edit",
            "WINNOW_SITES_DIR=my-sites scrapy crawl news -a sites=example.com",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.discovery.urls import clean_url

        if len(args) != 1:
            raise UsageError(f"name one URL, for example: {program_name()} addsite https://www.example.com/")
        try:
            url = clean_url(args[0])
        except ValueError:
            raise UsageError(
                f"{args[0]}: not a URL; write it in full, for example https://www.example.com/", print_help=False
            ) from None
        self.exitcode = self._add(url, _folder(opts.into), force=opts.force)

    def _add(self, url: str, folder: Path, *, force: bool) -> int:
        from crawler.addsite.article_pattern import common_domains
        from crawler.addsite.draft import NothingFoundError, draft_profile

        if folder.exists() and not folder.is_dir():
            return fail("addsite", f"{folder}: not a folder; name one with --into")
        likely = common_domains([urlsplit(url).hostname or ""])[0]
        if not force and (existing := _existing(folder, likely)):
            return _refuse_to_overwrite(existing)
        found = self._probe(url)
        if not found.done:
            fail("addsite", f"{url}: interrupted, nothing was written")
            return _INTERRUPTED
        try:
            draft = draft_profile(found)
        except NothingFoundError as error:
            fail("addsite", f"{url}: {error}")
            return _NOTHING_FOUND
        if not force and (existing := _existing(folder, draft.id)):
            return _refuse_to_overwrite(existing)
        return _write(draft, folder)

    def _probe(self, url: str) -> ProbeResult:
        from scrapy.crawler import AsyncCrawlerProcess

        from crawler.addsite.probe import ProbeResult, ProbeSpider

        assert self.settings is not None
        found = ProbeResult(url)
        self.settings.set("SPIDER_MODULES", [], priority="cmdline")  # ProbeSpider is not one of the project's spiders
        process = AsyncCrawlerProcess(self.settings)
        task = process.crawl(process.create_crawler(ProbeSpider), found=found)
        process.start()
        if not task.cancelled() and (error := task.exception()):
            raise error
        return found


def _folder(given: str | None) -> Path:
    from crawler.sites.profile_loader import profiles_folder

    return Path(given) if given else profiles_folder()


def _existing(folder: Path, name: str) -> Path | None:
    """Return a path that a profile with this name would overwrite."""
    from crawler.addsite.fixtures import fixtures_folder

    return next((path for path in (folder / f"{name}.toml", fixtures_folder(folder, name)) if path.exists()), None)


def _refuse_to_overwrite(existing: Path) -> int:
    return fail("addsite", f"{existing} exists already; --force overwrites the profile and its fixtures")


def _write(draft: ProfileDraft, folder: Path) -> int:
    from crawler.addsite import fixtures, profile_writer
    from crawler.addsite.draft import print_draft
    from crawler.sites.profile_loader import ProfileError

    file = folder / f"{draft.id}.toml"
    try:
        profile = profile_writer.write_profile(draft, file)
        paths = fixtures.write_fixtures(
            fixtures.fixtures_folder(folder, draft.id), [one.page for one in draft.samples], profile
        )
    except ProfileError as error:
        return fail("addsite", f"the findings make no valid profile: {str(error).rpartition('.toml: ')[2]}")
    except OSError as error:
        where = error.filename or file
        return fail("addsite", f"cannot write {where} ({error.strerror}); name another folder with --into")
    print_draft(draft, file, paths, _other_owner(draft, folder))
    return 0


def _other_owner(draft: ProfileDraft, folder: Path) -> str:
    """Return the id of another profile in the folder that matches these articles; "" if none does or one is broken."""
    from crawler.sites.profile_loader import ProfileError, load_profiles, profile_for

    try:
        others = [profile for profile in load_profiles(folder=folder) if profile.id != draft.id]
    except ProfileError:
        return ""
    owner = profile_for(draft.articles[0], others)
    return owner.id if owner else ""
