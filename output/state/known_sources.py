"""Sources: what to send along so that one that has not changed says so, and what such an answer stands for."""

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
    """A source as it was last read to its end, all that it listed being known since.

    `found_at` is its URL after redirects. `scope` names the rules by which its articles were chosen and `since` the date
    before which they were left out: with other ones, "not modified" would hide articles. `body` is kept of what names
    other sources, since these are to be asked also where it has not changed.
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
        """Would "not modified" hide nothing, for a run with these rules?"""
        if self.body is not None:
            return True  # it is read again
        return self.scope == scope and (self.since is None or (since is not None and since >= self.since))


def find_source(connection: Connection, url: str) -> KnownSource | None:
    """What is known of a source; None where it was never read to its end."""
    row = connection.execute(select(SOURCES_TABLE).where(SOURCES_TABLE.c.key == url_key(url))).one_or_none()
    if row is None:
        return None
    return KnownSource(
        row.url, row.site, row.found_at, row.etag, row.last_modified, row.scope,
        from_microseconds(row.since) if row.since is not None else None, row.listed, row.content_type,
        zlib.decompress(row.body) if row.body is not None else None,
    )  # fmt: skip


def record_read(connection: Connection, read: KnownSource, now: datetime) -> None:
    """A source was read to its end. Only to be told once everything that it listed is recorded."""
    row = {
        "key": url_key(read.url), "url": read.url, "site": read.site, "found_at": read.found_at, "etag": read.etag,
        "last_modified": read.last_modified, "scope": read.scope, "listed": read.listed,
        "since": to_microseconds(read.since) if read.since else None, "content_type": read.content_type,
        "body": zlib.compress(read.body) if read.body is not None else None,
        "read_at": to_microseconds(now), "answered": to_microseconds(now),
    }  # fmt: skip
    replace_rows(connection, SOURCES_TABLE, [row])


def record_unchanged(connection: Connection, url: str, now: datetime) -> None:
    """A source answered that it has not changed."""
    connection.execute(
        update(SOURCES_TABLE).where(SOURCES_TABLE.c.key == url_key(url)).values(answered=to_microseconds(now))
    )
