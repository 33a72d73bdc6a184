"""Export a folder of texts, one file per article: `NNN_<id>.txt`, numbered from 000, each ending in one newline."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from output.export.formats._base import FolderFormat

if TYPE_CHECKING:
    from pathlib import Path

    from output.records.article import Article

_NAME = re.compile(r"\d{3,}_[0-9a-f]{16}\.txt")


class _Seed:
    def __init__(self, folder: Path):
        self._folder = folder
        self._number = 0

    def write(self, article: Article) -> None:
        path = self._folder / f"{self._number:03d}_{article.id}.txt"
        path.write_bytes(article.text.rstrip("\n").encode() + b"\n")
        self._number += 1

    def close(self) -> None:
        pass


FORMAT = FolderFormat("a folder of texts, NNN_<id>.txt", _Seed, lambda name: _NAME.fullmatch(name) is not None)
