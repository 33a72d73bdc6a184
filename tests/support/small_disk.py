"""Provide a real disk that is nearly full: a tmpfs in a mount namespace that ends with its process."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

MEGABYTES = 8
# Root needs no user namespace, which containers often forbid.
_UNSHARE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]


def on_it(folder: Path) -> list[str]:
    """Return the command prefix that mounts a small disk at `folder`."""
    mount = f'mount -t tmpfs -o size={MEGABYTES}m none "$0" && exec "$@"'
    return [*_UNSHARE, "sh", "-c", mount, str(folder)]


def why_not(folder: Path) -> str | None:
    """Return why no small disk can be mounted here, or None if one can."""
    try:
        done = subprocess.run([*on_it(folder), "true"], capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    return " ".join(done.stderr.split()) or "mount failed" if done.returncode else None


@dataclass(frozen=True)
class SmallDisk:
    """Access the disk of a process from outside. `folder` is its mount point."""

    folder: Path
    process: int

    @property
    def path(self) -> Path:
        """Return the path of the disk as seen from outside."""
        return Path(f"/proc/{self.process}/root{self.folder}")

    def leave(self, kilobytes: int) -> None:
        """Fill the disk except for this much."""
        disk = os.statvfs(self.path)
        with (self.path / "ballast").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, disk.f_bavail * disk.f_frsize - kilobytes * 1024)

    def free_space(self) -> None:
        (self.path / "ballast").unlink()
