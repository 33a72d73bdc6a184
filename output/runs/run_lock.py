"""Lock a folder, so that it has one run at a time. The lock ends with its process."""

from __future__ import annotations

import fcntl
import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

LOCK_FILE = ".lock"


class LockedError(Exception):
    """Another run holds the folder. The message is one line that names the folder and the holder."""


@contextmanager
def hold_run_lock(data_dir: Path, now: datetime) -> Iterator[None]:
    """Lock the folder while the block runs.

    Raises LockedError if another process holds the lock, and OSError if the lock file cannot be opened.

    The kernel lets go of the lock when the process ends, however it ends: a lock file that is left over locks nothing.
    """
    path = data_dir / LOCK_FILE
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 200, 0).decode("utf-8", "replace").strip()
            raise LockedError(f"another run is at work in {str(data_dir)!r}: {holder or 'it has just begun'}") from None
        os.ftruncate(descriptor, 0)
        holder = f"process {os.getpid()} on {socket.gethostname()}, since {now.isoformat(timespec='seconds')}\n"
        os.pwrite(descriptor, holder.encode(), 0)
        yield
    finally:
        os.close(descriptor)
