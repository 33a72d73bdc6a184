"""Crawl a made-up news site on this machine and show the records: `scrapy demo`."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.settings import SETTINGS_PRIORITIES

from crawler import program_name
from crawler.commands.command_line import add_examples, fail

if TYPE_CHECKING:
    import argparse

MARK = ".winnow-demo"  # marks a folder that a demo created, so that the next demo may empty it


class UnusableFolderError(Exception):
    """Report in one line why the demo cannot use its folder, and what to do."""


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Crawl a made-up news site on this machine and show the records"

    def long_desc(self) -> str:
        return (
            "Serve a made-up news site on loopback, crawl it through a proxy like any other site, and show the summary,\n"
            "the path of the records, and the first record. Nothing leaves this machine.\n\n"
            "Records go to DATA_DIR/demo, which each demo empties first, or to the folder given with -s DATA_DIR.\n"
            "The exit code is that of the crawl; 1 if the port or the folder cannot be used."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--port", type=int, default=0, help="port of the site on loopback (default: a free one)")
        add_examples(
            parser,
            "scrapy demo",
            "scrapy demo -s DATA_DIR=/tmp/demo --port 8898",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.newsroom.newsroom_server import serve_newsroom

        if args:
            raise UsageError("demo takes no arguments")
        assert self.settings is not None
        chosen = self.settings.getpriority("DATA_DIR") == SETTINGS_PRIORITIES["cmdline"]
        folder = Path(self.settings["DATA_DIR"]).absolute()
        try:
            folder = _fresh(folder if chosen else folder / "demo")
            with serve_newsroom(port=opts.port) as proxy:
                self.exitcode = _crawl(proxy, folder)
        except UnusableFolderError as error:
            self.exitcode = fail("demo", str(error))
            return
        except (OSError, OverflowError) as error:
            self.exitcode = fail("demo", f"cannot listen on port {opts.port}: {error}; choose another with --port")
            return
        _show_records(folder)


def _fresh(folder: Path) -> Path:
    """Return the folder, emptied and marked. Never touch a folder that no demo created."""
    try:
        if (folder / MARK).exists():
            shutil.rmtree(folder)
        elif folder.exists() and any(folder.iterdir()):
            raise UnusableFolderError(
                f"{str(folder)!r} contains other files; name an empty folder with -s DATA_DIR=FOLDER"
            )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).touch()
    except OSError as error:
        raise UnusableFolderError(
            f"cannot use {str(folder)!r} ({error.strerror}); name another folder with -s DATA_DIR=FOLDER"
        ) from None
    return folder


def _crawl(proxy: str, folder: Path) -> int:
    """Run the crawl in its own process, which reaches the made-up site only through the proxy; return its exit code."""
    from crawler.newsroom.fixture_site import HOME

    settings = {
        "DATA_DIR": folder, "DOWNLOAD_DELAY": 0, "SUMMARY": True, "WINNOW_CONTACT": f"{HOME}/about/",
        "ARCHIVE": True,  # lets `report` show the dropped blocks
    }  # fmt: skip
    arguments = ["crawl", "news", "-a", f"start={HOME}/"]
    for name, value in settings.items():
        arguments += ["-s", f"{name}={value}"]
    print(f"http_proxy={proxy} {program_name()} {shlex.join(arguments)}\n", flush=True)
    environment = {name: value for name, value in os.environ.items() if name.lower() not in ("no_proxy", "http_proxy")}
    module = "crawler.cli" if program_name() == "winnow" else "scrapy"
    command = [sys.executable, "-P", "-m", module, *arguments]  # -P: import nothing from the current folder
    with subprocess.Popen(command, env=environment | {"http_proxy": proxy}) as crawl:
        try:
            code = crawl.wait()
        except KeyboardInterrupt:  # the crawl gets it too, and finishes its files
            code = crawl.wait()
    return 128 - code if code < 0 else code  # as a shell reports a signal


def _show_records(folder: Path) -> None:
    """Print where the records are, how many, and the first one in full."""
    from rich.console import Console

    for file in sorted(folder.glob("articles/*/*.jsonl")):
        lines = file.read_text(encoding="utf-8").splitlines()
        if lines:
            console = Console(highlight=False, soft_wrap=True)
            console.print(f"\n{len(lines)} records, one a line, in {file}\nThe first one:", markup=False)
            console.print_json(lines[0])
