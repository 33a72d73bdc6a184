"""Find articles that repeat others: older revisions, and copies."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Self

from output.records.timestamps import utc_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from output.records.article import Article

# What SQLite keeps in memory. The rest is in a temporary file that is deleted with the connection.
_CACHE_KIB = 32 * 1024
_TABLES = """
CREATE TABLE articles (
    position INTEGER PRIMARY KEY, id BLOB, fetched REAL, revision INTEGER, hash BLOB, original BLOB, wanted INTEGER
);
CREATE TABLE kept (position INTEGER PRIMARY KEY);
CREATE TABLE known (key BLOB PRIMARY KEY) WITHOUT ROWID;
"""
_NEWEST = """
SELECT position, id, hash, original, wanted FROM (
    SELECT *, row_number() OVER (PARTITION BY id ORDER BY fetched DESC, revision DESC, position DESC) AS age FROM articles
) WHERE age = 1
"""
_ALL = "SELECT position, id, hash, original, wanted FROM articles"


class RepeatFinder:
    """Find repeats among any number of articles, in bounded memory.

    Call `add` for each article, then `choose` to decide which to keep, then `kept` for their positions. Raises OSError
    if the temporary file cannot be written.
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)  # "": a temporary file without a name
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._db.close()
        if isinstance(error, sqlite3.OperationalError):
            raise OSError(f"the temporary file for finding repeats: {error}") from None

    def add(self, position: int, article: Article, *, wanted: bool) -> None:
        """Add an article. One that is not wanted may still be the newest revision; then none of its revisions is kept."""
        fetched = utc_of(article.fetched)
        row = (
            position,
            bytes.fromhex(article.id),
            fetched.timestamp() if fetched else 0.0,
            article.revision,
            bytes.fromhex(article.content_hash),
            bytes.fromhex(article.duplicate_of) if article.duplicate_of else None,
            wanted,
        )
        self._db.execute("INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def choose(self, *, newest: bool, once: bool) -> tuple[int, int]:
        """Decide which articles to keep. Returns how many are left out as older revisions, and how many as copies.

        With `newest`, one revision of each article is kept. With `once`, one of each text and its copies is kept, the
        original rather than a copy.
        """
        older = repeats = 0
        chosen = _NEWEST if newest else _ALL
        if newest:
            (older,) = self._db.execute("SELECT count(*) - count(DISTINCT id) FROM articles").fetchone()
        for position, own, text, original, wanted in self._db.execute(
            f"{chosen} ORDER BY original IS NOT NULL, position"
        ):
            if not wanted:
                continue
            if once and self._repeats(own, text, original):
                repeats += 1
            else:
                self._db.execute("INSERT INTO kept VALUES (?)", (position,))
        return older, repeats

    def kept(self) -> Iterator[int]:
        """Yield the positions of the articles to keep, in order."""
        for (position,) in self._db.execute("SELECT position FROM kept ORDER BY position"):
            yield position

    def _repeats(self, own: bytes, text: bytes, original: bytes | None) -> bool:
        """Tell whether this text, the article's original, or another copy of the original came before."""
        repeated = self._is_known(b"text" + text) or (original is not None and self._is_known(b"id" + original))
        for key in (b"text" + text, b"id" + own, b"id" + (original or own)):
            self._db.execute("INSERT OR IGNORE INTO known VALUES (?)", (key,))
        return repeated

    def _is_known(self, key: bytes) -> bool:
        return self._db.execute("SELECT 1 FROM known WHERE key = ?", (key,)).fetchone() is not None
