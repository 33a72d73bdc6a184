"""A command at a terminal: what a person would see."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO


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
