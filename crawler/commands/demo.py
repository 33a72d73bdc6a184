"""`scrapy demo`: crawl a made-up newsroom on this machine, to see what a crawl does before pointing it at the web."""

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

MARK = ".winnow-demo"  # in a folder that a demo made, and that the next demo may therefore empty


class UnusableFolderError(Exception):
    """The demo cannot write where it was told to; one line that says why and what to do."""


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Crawl a made-up newsroom on this machine and show the records"

    def long_desc(self) -> str:
        return (
            "Serve a made-up outlet on loopback, crawl it through a proxy as any other site, and show the summary,\n"
            "where the records are, and the first of them. Nothing leaves this machine.\n\n"
            "Records go to DATA_DIR/demo, emptied by each demo; or to the folder that -s DATA_DIR names.\n"
            "The exit code is that of the crawl; 1 where the port or the folder cannot be used."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--port", type=int, default=0, help="port of the newsroom on loopback (default: a free one)"
        )
        add_examples(
            parser,
            "scrapy demo",
            "scrapy demo -s DATA_DIR=/tmp/demo --port 8898",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.newsroom.newsroom_server import serve_newsroom

        if args:
            raise UsageError("takes no arguments")
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
    """An empty folder with the demo's mark in it. What is not a demo's own is never touched."""
    try:
        if (folder / MARK).exists():
            shutil.rmtree(folder)
        elif folder.exists() and any(folder.iterdir()):
            raise UnusableFolderError(
                f"{str(folder)!r} holds other files; name an empty folder with -s DATA_DIR=FOLDER"
            )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).touch()
    except OSError as error:
        raise UnusableFolderError(
            f"{str(folder)!r} cannot be used ({error.strerror}); name another folder with -s DATA_DIR=FOLDER"
        ) from None
    return folder


def _crawl(proxy: str, folder: Path) -> int:
    """Run the crawl as a person would, in a process of its own that knows the newsroom by its proxy only."""
    from crawler.newsroom.fixture_site import HOME

    settings = {
        "DATA_DIR": folder, "DOWNLOAD_DELAY": 0, "SUMMARY": True, "WINNOW_CONTACT": f"{HOME}/about/",
        "ARCHIVE": True,  # so that `scrapy report` can show its pages
    }  # fmt: skip
    arguments = ["crawl", "news", "-a", f"start={HOME}/"]
    for name, value in settings.items():
        arguments += ["-s", f"{name}={value}"]
    print(f"http_proxy={proxy} {program_name()} {shlex.join(arguments)}\n", flush=True)
    kept = {name: value for name, value in os.environ.items() if name.lower() not in ("no_proxy", "http_proxy")}
    module = "crawler.cli" if program_name() == "winnow" else "scrapy"
    command = [sys.executable, "-P", "-m", module, *arguments]  # -P: no packages of the current folder
    with subprocess.Popen(command, env=kept | {"http_proxy": proxy}) as crawl:
        try:
            code = crawl.wait()
        except KeyboardInterrupt:  # which the crawl got as well: it ends with whole files, and tells by its exit code
            code = crawl.wait()
    return 128 - code if code < 0 else code  # a signal that ended it, as shells count


def _show_records(folder: Path) -> None:
    """Where the records are, how many, and the first of them, whole."""
    from rich.console import Console

    for file in sorted(folder.glob("articles/*/*.jsonl")):
        lines = file.read_text(encoding="utf-8").splitlines()
        if lines:
            console = Console(highlight=False, soft_wrap=True)
            console.print(f"\n{len(lines)} records, one a line: {file}\nThe first of them:", markup=False)
            console.print_json(lines[0])
