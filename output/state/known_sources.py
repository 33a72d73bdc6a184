"""Store what is known of sources, to ask whether one has changed and to know what "not modified" means."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select, update

from output.state.database import replace_rows
from output.state.schema import from_microseconds, to_microseconds, url_key
from output.state.tables import SOURCES_TABLE

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class KnownSource:
    """Describe a source as last read to its end, when all URLs that it listed became known.

    `found_at` is its URL after redirects. `scope` identifies the rules that chose its articles, and `since` the date
    before which articles were skipped: under others, "not modified" would hide articles. `body` is kept for a source
    that lists other sources, since these are requested even if it has not changed.
    """

    url: str
    site: str
    found_at: str
    etag: str | None
    last_modified: str | None
    scope: str
    since: datetime | None = None
    listed: int = 0
    content_type: str | None = None
    body: bytes | None = None

    def is_valid_for(self, scope: str, since: datetime | None) -> bool:
        """Tell whether "not modified" hides no articles from a run with these rules."""
        if self.body is not None:
            return True  # the stored body is read again
        return self.scope == scope and (self.since is None or (since is not None and since >= self.since))


def find_source(connection: Connection, url: str) -> KnownSource | None:
    """Return what is known of a source, or None if it was never read to its end."""
    row = connection.execute(select(SOURCES_TABLE).where(SOURCES_TABLE.c.key == url_key(url))).one_or_none()
    if row is None:
        return None
    return KnownSource(
        row.url, row.site, row.found_at, row.etag, row.last_modified, row.scope,
        from_microseconds(row.since) if row.since is not None else None, row.listed, row.content_type,
        zlib.decompress(row.body) if row.body is not None else None,
    )  # fmt: skip


def record_read(connection: Connection, read: KnownSource, now: datetime) -> None:
    """Record that a source was read to its end. Call this only after all URLs it listed are recorded."""
    row = {
        "key": url_key(read.url), "url": read.url, "site": read.site, "found_at": read.found_at, "etag": read.etag,
        "last_modified": read.last_modified, "scope": read.scope, "listed": read.listed,
        "since": to_microseconds(read.since) if read.since else None, "content_type": read.content_type,
        "body": zlib.compress(read.body) if read.body is not None else None,
        "read_at": to_microseconds(now), "answered": to_microseconds(now),
    }  # fmt: skip
    replace_rows(connection, SOURCES_TABLE, [row])


def record_unchanged(connection: Connection, url: str, now: datetime) -> None:
    """Record that a source responded "not modified"."""
    connection.execute(
        update(SOURCES_TABLE).where(SOURCES_TABLE.c.key == url_key(url)).values(answered=to_microseconds(now))
    )
