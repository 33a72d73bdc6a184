"""A command at a terminal: what a person would see."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def at_terminal(command: Sequence[str], folder: Path, *, stdout: IO[bytes] | None = None) -> tuple[int, str]:
    """Run a command with stderr, and stdout unless given, on a terminal of 100 columns; its exit code and what it showed."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=stdout or theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    shown = b""
    while True:  # as it comes: a terminal that nobody reads blocks the process
        try:
            piece = os.read(ours, 4096)
        except OSError:  # what Linux says when the last writer has gone
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    return process.wait(timeout=60), shown.decode()


def screen(shown: str) -> list[str]:
    """The lines that a terminal shows at the end, of what was written to it."""
    lines, row, column = [""], 0, 0
    for piece in re.split(r"(\x1b\[[?\d;]*[A-Za-z]|[\r\n])", shown):
        if piece == "\r":
            column = 0
        elif piece == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif piece == "\x1b[2K":
            lines[row] = ""
        elif up := re.fullmatch(r"\x1b\[(\d+)A", piece):
            row = max(row - int(up[1]), 0)
        elif not piece.startswith("\x1b"):
            lines[row] = lines[row].ljust(column)[:column] + piece + lines[row][column + len(piece) :]
            column += len(piece)
    return [line.rstrip() for line in lines]
