"""HTML to a file that is whole or not there, or to stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from output.target import TargetError, file_target

STDOUT = "-"


def refuse_to_replace(output: str) -> None:
    """Before the work is done, not after it. Raises TargetError."""
    path = Path(output)
    if output != STDOUT and path.exists():
        raise TargetError(
            f"{path} is a folder; name a file" if path.is_dir() else f"{path} exists; --force replaces it"
        )


def write_html(output: str, chunks: Iterable[bytes], *, force: bool) -> int:
    """Write to a file, compressed where its name ends in .gz or .zst; how many bytes. Raises TargetError, OSError."""
    if output == STDOUT:
        size = sum(sys.stdout.buffer.write(chunk) for chunk in chunks)
        sys.stdout.buffer.flush()
        return size
    with file_target(Path(output), force=force, plain=True) as file:
        return sum(file.write(chunk) for chunk in chunks)
