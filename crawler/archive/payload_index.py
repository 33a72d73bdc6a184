"""Index the digests of recent pages, so that an unchanged page is not archived twice."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crawler.archive.archive_files import ARCHIVE_FOLDER

if TYPE_CHECKING:
    from pathlib import Path

# Articles are looked at again for REVISIT_FOR hours, two days as a rule; later ones are kept whole.
_KEPT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ArchivedPayload:
    """Hold when a page was archived (a WARC-Date), and the payload digests of it and of its continuation pages."""

    date: str
    digests: tuple[str, ...]


class PayloadIndex:
    """Map URLs to digests, in a small file beside the archive. Losing it costs disk space and nothing else.

    Raises OSError where the file can neither be read nor created.
    """

    def __init__(self, data_dir: Path, now: datetime):
        path = data_dir / ARCHIVE_FOLDER / "payloads.db"
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = _open(path, now)
        except sqlite3.DatabaseError:  # torn by a power failure
            for ending in ("", "-wal", "-shm"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
            try:
                self._db = _open(path, now)
            except sqlite3.DatabaseError as error:
                raise OSError(f"{path}: {error}") from None

    def get(self, url: str) -> ArchivedPayload | None:
        """Return what was last archived of a URL."""
        try:
            row = self._db.execute("SELECT date, digests FROM payloads WHERE url = ?", (url,)).fetchone()
        except sqlite3.DatabaseError:
            return None
        return ArchivedPayload(row[0], tuple(row[1].split())) if row else None

    def put(self, url: str, archived: ArchivedPayload) -> None:
        """Remember what was archived of a URL."""
        with suppress(sqlite3.DatabaseError):  # a full disk
            self._db.execute("REPLACE INTO payloads VALUES (?, ?, ?)", (url, archived.date, " ".join(archived.digests)))

    def close(self) -> None:
        self._db.close()


def _open(path: Path, now: datetime) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("CREATE TABLE IF NOT EXISTS payloads (url TEXT PRIMARY KEY, date TEXT, digests TEXT) WITHOUT ROWID")
    db.execute("DELETE FROM payloads WHERE date < ?", ((now - _KEPT).strftime("%Y-%m-%dT%H:%M:%SZ"),))
    return db
