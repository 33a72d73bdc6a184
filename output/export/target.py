"""Where an export goes: a file or folder that is whole or not there, and never over another one unasked."""

from __future__ import annotations

import fcntl
import gzip
import os
import shutil
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from output.files.record_file import part_of
from output.storage.zstd import open_zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

COMPRESSIONS = (".gz", ".zst")
_NOT_OURS = (".bz2", ".xz", ".zip", ".br", ".lz4")


class TargetError(Exception):
    """A file or folder that cannot be written to. The message is one line: which, and what to do."""


@contextmanager
def file_target(path: Path, *, force: bool, plain: bool) -> Iterator[IO[bytes]]:
    """A file to write to, compressed as its ending says, which gets its name at the end, or goes if an error is raised.

    `plain`: what is written may be compressed. Raises TargetError and OSError.
    """
    if path.is_dir():
        raise TargetError(f"{path} is a folder; name a file")
    if path.exists() and not force:
        raise TargetError(f"{path} exists; --force replaces it")
    ending = path.suffix.lower()
    if ending in _NOT_OURS or (ending in COMPRESSIONS and not plain):
        how = f"it can be compressed as {' or '.join(COMPRESSIONS)}" if plain else "the format is compressed within"
        raise TargetError(f"{path}: not as {ending}; {how}")
    part = part_of(path)
    part.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        _claim(descriptor, part)
        try:
            file.truncate()
            with _compressed(file, ending) as stream:
                yield stream
            file.flush()
            os.fsync(descriptor)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


@contextmanager
def folder_target(path: Path, *, force: bool, owns: Callable[[str], bool]) -> Iterator[Path]:
    """A folder to write files into, which gets its name at the end, or goes if an error is raised.

    With `force` it takes the place of an older one, if that holds nothing but files that the format `owns`. Raises
    TargetError and OSError.
    """
    older = path.exists() and (not path.is_dir() or any(path.iterdir()))
    if older and not force:
        raise TargetError(f"{path} exists; --force replaces it")
    if older and (not path.is_dir() or not all(owns(file.name) for file in path.iterdir())):
        raise TargetError(f"{path} is no folder that an export wrote, and is not replaced; name another")
    part = part_of(path.absolute())
    part.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(part, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _claim(descriptor, part)
        try:
            for file in part.iterdir():  # of an export that was killed
                file.unlink()
            yield part
            if path.exists():
                shutil.rmtree(path)
            part.rename(path)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    finally:
        os.close(descriptor)


@contextmanager
def _compressed(file: IO[bytes], ending: str) -> Iterator[IO[bytes]]:
    if ending == ".gz":
        with gzip.GzipFile("", "wb", 6, file, mtime=0) as stream:  # no name and no time: same input, same bytes
            yield stream  # type: ignore[misc]
    elif ending == ".zst":
        with open_zstd(file, "wb") as stream:
            yield stream
    else:
        yield file


def _claim(descriptor: int, part: Path) -> None:
    """Make sure that nobody else writes this `.part`: an export that was killed leaves one, and no lock."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        ours, there = os.fstat(descriptor), part.stat()
    except (BlockingIOError, FileNotFoundError):
        raise TargetError(f"{part}: another export is writing it") from None
    if (ours.st_ino, ours.st_dev) != (there.st_ino, there.st_dev):  # it was finished just now
        raise TargetError(f"{part}: another export is writing it")
