"""Which of many articles repeat others: older revisions of one, and copies of another."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Self

from output.records.timestamps import utc_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from output.records.article import Article

_CACHE_KIB = 32 * 1024  # what SQLite holds in memory; the rest is in a temporary file that goes with the connection
_TABLES = """
CREATE TABLE articles (
    place INTEGER PRIMARY KEY, id BLOB, fetched REAL, revision INTEGER, hash BLOB, original BLOB, wanted INTEGER
);
CREATE TABLE kept (place INTEGER PRIMARY KEY);
CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID;
"""
_NEWEST = """
SELECT place, id, hash, original, wanted FROM (
    SELECT *, row_number() OVER (PARTITION BY id ORDER BY fetched DESC, revision DESC, place DESC) AS age FROM articles
) WHERE age = 1
"""
_ALL = "SELECT place, id, hash, original, wanted FROM articles"


class RepeatFinder:
    """Finds repeats among articles, in bounded memory however many there are.

    After `add` of each article, `choose` decides which stay and `kept` gives their places. Raises OSError where the
    temporary file cannot be written.
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

    def add(self, place: int, article: Article, *, wanted: bool) -> None:
        """Take note of an article; one that is not wanted can still be the newest revision, which then none is."""
        fetched = utc_of(article.fetched)
        row = (
            place,
            bytes.fromhex(article.id),
            fetched.timestamp() if fetched else 0.0,
            article.revision,
            bytes.fromhex(article.content_hash),
            bytes.fromhex(article.duplicate_of) if article.duplicate_of else None,
            wanted,
        )
        self._db.execute("INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def choose(self, *, newest: bool, once: bool) -> tuple[int, int]:
        """Decide which articles stay: with `newest`, one revision of each; with `once`, one of each text and its copies,
        the original rather than a copy. Returns how many were left out as older, and how many as repeats.
        """
        older = repeats = 0
        chosen = _NEWEST if newest else _ALL
        if newest:
            (older,) = self._db.execute("SELECT count(*) - count(DISTINCT id) FROM articles").fetchone()
        for place, own, text, original, wanted in self._db.execute(f"{chosen} ORDER BY original IS NOT NULL, place"):
            if not wanted:
                continue
            if once and self._repeats(own, text, original):
                repeats += 1
            else:
                self._db.execute("INSERT INTO kept VALUES (?)", (place,))
        return older, repeats

    def kept(self) -> Iterator[int]:
        """The places of the articles that stay, in order."""
        for (place,) in self._db.execute("SELECT place FROM kept ORDER BY place"):
            yield place

    def _repeats(self, own: bytes, text: bytes, original: bytes | None) -> bool:
        """Was this text seen, or, of a copy, the article that it repeats, or another copy of that one?"""
        repeated = self._was_seen(b"text" + text) or (original is not None and self._was_seen(b"id" + original))
        for key in (b"text" + text, b"id" + own, b"id" + (original or own)):
            self._db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (key,))
        return repeated

    def _was_seen(self, key: bytes) -> bool:
        return self._db.execute("SELECT 1 FROM seen WHERE key = ?", (key,)).fetchone() is not None
