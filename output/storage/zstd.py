"""Zstandard, from the standard library where it has it (3.14), else from the backport that Scrapy brings."""

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
    """Open a .zst file, or one in an open file, for reading or writing bytes."""
    opened: Any = ZstdFile(cast("Any", file), cast("Any", mode))
    return cast("IO[bytes]", opened)
