"""Open Zstandard files, with the standard library (Python 3.14) or its backport."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from pathlib import Path

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdError, ZstdFile
else:
    from backports.zstd import ZstdError, ZstdFile

__all__ = ["ZstdError", "open_zstd"]


def open_zstd(file: Path | IO[bytes], mode: str) -> IO[bytes]:
    """Open a .zst file, or a Zstandard stream in an open file, to read or write bytes."""
    opened: Any = ZstdFile(cast("Any", file), cast("Any", mode))
    return cast("IO[bytes]", opened)
