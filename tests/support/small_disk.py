"""A real disk that is nearly full: a tmpfs in a mount namespace of its own, which goes with its process."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

MEGABYTES = 8
# As root, without a user namespace: containers that allow the one often forbid the other.
_UNSHARE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]


def on_it(folder: Path) -> list[str]:
    """What to put before a command so that it finds a small disk at `folder`."""
    mount = f'mount -t tmpfs -o size={MEGABYTES}m none "$0" && exec "$@"'
    return [*_UNSHARE, "sh", "-c", mount, str(folder)]


def why_not(folder: Path) -> str | None:
    """Why no small disk can be had here; None where one can."""
    try:
        done = subprocess.run([*on_it(folder), "true"], capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    return " ".join(done.stderr.split()) or "mount failed" if done.returncode else None


@dataclass(frozen=True)
class SmallDisk:
    """The disk of a process, seen from outside. `folder` is its place in there."""

    folder: Path
    process: int

    @property
    def path(self) -> Path:
        """The same place, for whoever is not in there."""
        return Path(f"/proc/{self.process}/root{self.folder}")

    def leave(self, kilobytes: int) -> None:
        """Fill it, but for so much."""
        disk = os.statvfs(self.path)
        with (self.path / "ballast").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, disk.f_bavail * disk.f_frsize - kilobytes * 1024)

    def make_room(self) -> None:
        (self.path / "ballast").unlink()
