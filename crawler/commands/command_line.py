"""Provide what the commands share: help that ends with examples, one-line errors, and quiet exits."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from typing import NoReturn

from scrapy.commands import ScrapyHelpFormatter

from crawler import program_name
from crawler.run.terminal_text import printable

_WARNING_LIMIT = 100  # lines on stderr about broken input


class ExampleHelpFormatter(ScrapyHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Format help as Scrapy does, but keep the lines of the epilog as they are written."""


def add_examples(parser: argparse.ArgumentParser, *examples: str) -> None:
    """End a command's `--help` with examples, one command line each.

    Help texts are written with `scrapy` and shown with the name that the user typed.
    """
    parser.formatter_class = ExampleHelpFormatter
    parser.epilog = "\n  ".join(("Examples\n========", *map(_with_program_name, examples)))
    parser.usage, parser.description = (
        _with_program_name(parser.usage or ""),
        _with_program_name(parser.description or ""),
    )


def _with_program_name(text: str) -> str:
    """Return a help text with the name of the program as the user typed it."""
    return text.replace("scrapy ", f"{program_name()} ")


def fail(command: str, message: str) -> int:
    """Print an error as one line on stderr; return exit code 1."""
    print(f"{program_name()} {command}: {printable(message)}", file=sys.stderr)
    return 1


class LimitedWarnings:
    """Print warnings on stderr, one line each, up to a limit."""

    def __init__(self) -> None:
        self.lines = 0

    def __call__(self, line: str) -> None:
        self.lines += 1
        if self.lines <= _WARNING_LIMIT:
            print(printable(line), file=sys.stderr)

    def finish(self) -> None:
        """Print how many warnings were left out."""
        if self.lines > _WARNING_LIMIT:
            print(f"and {self.lines - _WARNING_LIMIT:,} more", file=sys.stderr)


def exit_quietly_on_broken_pipes() -> None:
    """End `scrapy ... | head` without an error, as Unix tools do. Not for a process with sockets."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def exit_on_broken_pipe() -> NoReturn:
    """End this process as a broken pipe would. For processes with sockets, which break in the same way."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.raise_signal(signal.SIGPIPE)
    os._exit(1)


def exit_quietly_on_interrupts() -> None:
    """Let Ctrl-C end a command without a traceback. For commands with nothing to clean up."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
