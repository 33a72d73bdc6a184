"""Open the target of an export: a file or folder that appears only when complete, and replaces another only by force."""

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
_UNSUPPORTED = (".bz2", ".xz", ".zip", ".br", ".lz4")


class TargetError(Exception):
    """A file or folder cannot be written. The message is one line that names it and says what to do."""


@contextmanager
def file_target(path: Path, *, force: bool, plain: bool) -> Iterator[IO[bytes]]:
    """Open a file to write to. It gets its name at the end of the block, or is deleted if the block raises.

    If `plain` is set, a file ending in .gz or .zst is compressed. Raises TargetError and OSError.
    """
    if path.is_dir():
        raise TargetError(f"{path} is a folder; name a file")
    if path.exists() and not force:
        raise TargetError(f"{path} exists; --force replaces it")
    ending = path.suffix.lower()
    if ending in _UNSUPPORTED or (ending in COMPRESSIONS and not plain):
        how = f"use {' or '.join(COMPRESSIONS)}" if plain else "the format is already compressed"
        raise TargetError(f"{path}: cannot compress as {ending}; {how}")
    part = part_of(path)
    part.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        _lock(descriptor, part)
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
    """Make a folder to write files into. It gets its name at the end of the block, or is deleted if the block raises.

    With `force`, it replaces an older folder, unless that has files not written by this format, as `owns` tells.
    Raises TargetError and OSError.
    """
    older = path.exists() and (not path.is_dir() or any(path.iterdir()))
    if older and not force:
        raise TargetError(f"{path} exists; --force replaces it")
    if older and (not path.is_dir() or not all(owns(file.name) for file in path.iterdir())):
        raise TargetError(f"{path} is not a folder that an export wrote, so it is not replaced; name another")
    part = part_of(path.absolute())
    part.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(part, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _lock(descriptor, part)
        try:
            for file in part.iterdir():  # left by an export that was killed
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
        with gzip.GzipFile(
            "", "wb", 6, file, mtime=0
        ) as stream:  # without name and time, so that the same input gives the same bytes
            yield stream  # type: ignore[misc]
    elif ending == ".zst":
        with open_zstd(file, "wb") as stream:
            yield stream
    else:
        yield file


def _lock(descriptor: int, part: Path) -> None:
    """Make sure that no other export writes this `.part`. A killed export leaves the file, but no lock."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        opened, named = os.fstat(descriptor), part.stat()
    except (BlockingIOError, FileNotFoundError):
        raise TargetError(f"{part}: another export is writing it") from None
    if (opened.st_ino, opened.st_dev) != (named.st_ino, named.st_dev):  # the other one has just finished
        raise TargetError(f"{part}: another export is writing it")
