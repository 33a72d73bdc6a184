"""What the commands share: help that ends with examples, and errors of one line."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from typing import NoReturn

from scrapy.commands import ScrapyHelpFormatter

from crawler import program_name

_MOST_TOLD = 100  # lines on stderr about lines that are broken


class ExampleHelpFormatter(ScrapyHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Scrapy's help, with the lines of the epilog left as they are written."""


def add_examples(parser: argparse.ArgumentParser, *examples: str) -> None:
    """Close a command's `--help` with examples: command lines, or lines of prose that explain them.

    Texts call the program `scrapy`; where it was called `winnow`, its help does so too.
    """
    parser.formatter_class = ExampleHelpFormatter
    parser.epilog = "\n  ".join(("Examples\n========", *map(_by_name, examples)))
    parser.usage, parser.description = _by_name(parser.usage or ""), _by_name(parser.description or "")


def _by_name(text: str) -> str:
    return text.replace("scrapy ", f"{program_name()} ")


def fail(command: str, message: str) -> int:
    """Tell a person in one line on stderr what is wrong; returns the exit code of it, 1."""
    print(f"{program_name()} {command}: {' '.join(message.split())}", file=sys.stderr)
    return 1


class LimitedWarnings:
    """Names on stderr, a line each, what cannot be read, up to a point."""

    def __init__(self) -> None:
        self.lines = 0

    def __call__(self, line: str) -> None:
        self.lines += 1
        if self.lines <= _MOST_TOLD:
            print(line, file=sys.stderr)

    def finish(self) -> None:
        """Say how many there were beyond that."""
        if self.lines > _MOST_TOLD:
            print(f"and {self.lines - _MOST_TOLD:,} more", file=sys.stderr)


def die_quietly_of_broken_pipes() -> None:
    """Let `scrapy ... | head` end as any Unix tool does. Not for a process that talks to the network."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def die_of_broken_pipe() -> NoReturn:
    """End as `die_quietly_of_broken_pipes` would; for a process that has sockets, whose other ends may break too."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.raise_signal(signal.SIGPIPE)
    os._exit(1)


def die_quietly_of_interrupts() -> None:
    """Let Ctrl-C end a command that has nothing to put away, without a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
