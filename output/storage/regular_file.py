"""Open the files that a user names: regular ones only, because anything else may block, never end, or do something."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import IO

STDIN = "-"
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
}


class NotReadableError(OSError):
    """Report a file that is not read at all; `strerror` says why and `filename` names it."""

    def __init__(self, why: str, path: Path | str):
        super().__init__(errno.EINVAL, why, str(path))


class TooLargeError(NotReadableError):
    """Report a file, or a stream, that is larger than what it should hold may be."""

    def __init__(self, most: int, path: Path | str):
        super().__init__(f"more than {most:,} bytes", path)


def open_regular(path: Path, most: int | None = None) -> IO[bytes]:
    """Open a regular file of at most `most` bytes for reading. Raises OSError, a NotReadableError for any other file."""
    _check(path, path.stat(), most)  # first: to open a device may already do something
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # another may be there by now
    try:
        _check(path, os.fstat(descriptor), most)
        os.set_blocking(descriptor, True)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def check_regular(path: Path) -> None:
    """Raise an OSError where a path is not that of a regular file, for those who open it by other means."""
    _check(path, path.stat(), None)


def read_regular(path: Path, most: int) -> bytes:
    """Return the content of a regular file of at most `most` bytes. Raises as `open_regular` does."""
    with open_regular(path, most) as file:
        return _read(file, most, path)


def read_regular_or_stdin(name: str, most: int) -> bytes:
    """Return the content of a regular file, or of stdin for `-`, of at most `most` bytes. Raises as `open_regular` does."""
    if name != STDIN:
        return read_regular(Path(name), most)
    if sys.stdin is None:
        raise NotReadableError("closed", "stdin")
    return _read(sys.stdin.buffer, most, "stdin")


def _read(file: IO[bytes], most: int, path: Path | str) -> bytes:
    """Read a file to its end, which its size need not tell: it may grow, and files in /proc have none."""
    data = file.read(most + 1)
    if len(data) > most:
        raise TooLargeError(most, path)
    return data


def _check(path: Path, found: os.stat_result, most: int | None) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "something else")
        raise NotReadableError(f"{kind}, not a regular file", path)
    if most is not None and found.st_size > most:
        raise TooLargeError(most, path)
