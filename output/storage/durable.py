"""Sync files and folders to disk before anything depends on them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_DEPTH = (
    3  # the day's folder, the one for articles, rejects or archives, and DATA_DIR: a run may have created all three
)


def write_whole(descriptor: int, data: bytes) -> None:
    """Write all of `data`, in as many writes as it takes. Raises OSError, perhaps after a partial write."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_folder(folder: Path) -> None:
    """Sync the names in a folder to disk. Raises OSError.

    Only then is a new or renamed file safe: syncing the file itself does not sync its name (fsync(2)).
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_name(path: Path) -> None:
    """Sync the name of a file `DATA_DIR/<folder>/<day>/<name>` and those of its folders. Raises OSError."""
    for folder in list(path.parents)[:_DEPTH]:
        sync_folder(folder)
