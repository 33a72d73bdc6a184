"""Only regular files are opened, up to a size; all else is refused at once, by its kind."""

from __future__ import annotations

import io
import os
import socket
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from output.storage.regular_file import (
    NotReadableError,
    TooLargeError,
    check_regular,
    open_regular,
    read_regular,
    read_regular_or_stdin,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def bound_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def linked_pipe(path: Path) -> None:
    os.mkfifo(path.with_name("pipe"))
    path.symlink_to("pipe")


OTHERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a FIFO": (os.mkfifo, "a named pipe"),
    "a link to a FIFO": (linked_pipe, "a named pipe"),
    "/dev/zero": (lambda path: path.symlink_to("/dev/zero"), "a device"),
    "/dev/urandom": (lambda path: path.symlink_to("/dev/urandom"), "a device"),
    "a socket": (bound_socket, "a socket"),
    "a folder": (Path.mkdir, "a folder"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_regular_file_is_refused_by_its_kind(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make, kind = OTHERS[name]
    make(Path("x"))
    for read in (check_regular, open_regular, lambda path: read_regular(path, 100)):
        with pytest.raises(NotReadableError) as raised:
            read(Path("x"))
        assert (raised.value.filename, raised.value.strerror) == ("x", f"{kind}, not a regular file")


def test_a_file_is_read_whole_up_to_its_limit_and_a_sparse_one_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"x" * 100)
    assert read_regular(file, 100) == b"x" * 100
    for size in (101, 5 << 30):
        os.truncate(file, size)
        with pytest.raises(TooLargeError, match="more than 100 bytes"):
            read_regular(file, 100)
    with pytest.raises(TooLargeError):
        read_regular(Path("/proc/self/smaps"), 100)  # which has a size of 0
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "none", 100)


def test_stdin_is_read_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"x" * 100)))
    assert read_regular_or_stdin("-", 100) == b"x" * 100
    with open("/dev/zero", "rb") as endless:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=endless))
        with pytest.raises(TooLargeError, match="more than 1,000 bytes"):
            read_regular_or_stdin("-", 1000)
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(NotReadableError, match="closed"):
        read_regular_or_stdin("-", 100)
