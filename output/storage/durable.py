"""Write files so that the disk has them before anything else rests on them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_DEPTH = 3  # the day's folder, that of articles, rejects or archives, and DATA_DIR: a run may have made each of them


def write_whole(descriptor: int, data: bytes) -> None:
    """Write all of `data`, in as many writes as it takes. Raises OSError; a part may have been written then."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder: a file that was made or renamed is there only then (fsync(2)).

    Raises OSError.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_name(path: Path) -> None:
    """Wait until the disk has the name of a file `DATA_DIR/<folder>/<day>/<name>`, and its folders' names.

    Raises OSError.
    """
    for folder in list(path.parents)[:_DEPTH]:
        sync_folder(folder)
