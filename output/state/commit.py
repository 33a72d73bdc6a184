"""Commit a run's records to the state in one transaction: settle its URLs and store its articles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from cleaners.rejection import RejectReason
from output.records.pending import Pending, UrlOutcome, read_pending
from output.state import known_articles, known_urls, stored_signatures
from output.state.database import batches, replace_rows
from output.state.known_urls import UrlStatus, blank_row
from output.state.schema import from_microseconds, id_key, to_microseconds, url_key
from output.state.tables import ARTICLES_TABLE, URLS_TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection

    from output.state.schedule import Schedule

_Record = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CrawlNote:
    """Note a URL that was fetched but left no record.

    If `article` is set, the URL is that article (an id), unchanged. Otherwise it led to the same page as another URL,
    or it is an article that could not be checked again.
    """

    comparison_key: str
    article: str | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """Commit records to the state, as of `now`. `comparison_key` is needed for records without pending data."""

    connection: Connection
    run: str
    schedule: Schedule
    now: datetime
    comparison_key: Callable[[str], str]

    def add_articles(self, records: Iterable[_Record]) -> None:
        """Store articles with their signatures, and settle their URLs."""
        for batch in batches(iter(records)):
            stored = known_articles.article_rows(self.connection, [id_key(record["id"]) for record in batch])
            pending = self._pending_of(batch)
            new: set[int] = set()
            signed: dict[str, bytes] = {}
            for record, each in zip(batch, pending, strict=True):
                key = id_key(record["id"])
                before = stored.get(key)
                if not _is_from_other_run(before, self.run, record):
                    new.add(key)
                    stored[key] = self._article_row(record, before)
                    if each.signature is not None:
                        signed[record["id"]] = each.signature
            replace_rows(self.connection, ARTICLES_TABLE, [stored[key] for key in new])
            stored_signatures.store_signatures(self.connection, signed, self.now)
            self._settle(batch, pending, partial(self._article_change, stored))

    def add_rejects(self, records: Iterable[_Record]) -> None:
        """Settle the URLs of rejects."""
        for batch in batches(iter(records)):
            self._settle(batch, self._pending_of(batch), self._reject_change)

    def add_notes(self, notes: Sequence[CrawlNote]) -> None:
        """Update the URLs that left no record."""
        for batch in batches(notes):
            rows = known_urls.url_rows(self.connection, [url_key(note.comparison_key) for note in batch])
            checked = known_articles.article_rows(
                self.connection, [id_key(note.article) for note in batch if note.article]
            )
            changed = []
            for note in batch:
                row = rows.get(url_key(note.comparison_key))
                if row is not None:
                    changed.append(row | self._note_change(note, row, checked))
            replace_rows(self.connection, URLS_TABLE, list({row["key"]: row for row in changed}.values()))
            replace_rows(self.connection, ARTICLES_TABLE, list(checked.values()))

    def _pending_of(self, batch: Sequence[_Record]) -> list[Pending]:
        return [read_pending(record, self.comparison_key) for record in batch]

    def _settle(
        self, batch: Sequence[_Record], pending: Sequence[Pending], change: Callable[[_Record, UrlOutcome, Row], Row]
    ) -> None:
        outcomes = [each.outcome for each in pending]
        keys = {url_key(key) for outcome in outcomes for key in outcome.keys}
        rows = known_urls.url_rows(self.connection, keys)
        for record, outcome in zip(batch, outcomes, strict=True):
            for number, key in enumerate(outcome.keys):
                row = rows.get(url_key(key)) or blank_row(
                    key, outcome.requested_url, outcome.site, to_microseconds(self.now)
                )
                if number == 0:
                    rows[row["key"]] = row | {"hint": None} | change(record, outcome, row)
                elif row["outcome"] in (UrlStatus.PENDING, UrlStatus.FAILED):
                    first = rows[url_key(outcome.keys[0])]
                    if first["outcome"] not in (UrlStatus.FAILED, UrlStatus.PENDING):
                        status = UrlStatus.DUPLICATE if first["article"] is not None else first["outcome"]
                        alias = {"outcome": status, "article": first["article"], "reason": first["reason"]}
                        rows[row["key"]] = row | alias | {"next_try": None, "hint": None}
        replace_rows(self.connection, URLS_TABLE, [rows[key] for key in keys if key in rows])

    def _article_row(self, record: _Record, before: Row | None) -> Row:
        at = to_microseconds(self.now)
        return {
            "key": id_key(record["id"]), "url": record["canonical_url"], "source": record["source"],
            "content_hash": record["content_hash"], "revision": record["revision"], "run": self.run,
            "published": _published_at(record["published"]), "first_seen": before["first_seen"] if before else at,
            "last_checked": at,
        }  # fmt: skip

    def _article_change(self, stored: dict[int, Row], record: _Record, outcome: UrlOutcome, row: Row) -> Row:
        known = stored[id_key(record["id"])]
        again = self._revisit(known)
        return {
            "outcome": UrlStatus.ARTICLE, "reason": None, "attempts": 0, "article": known["key"],
            "visits": row["visits"] + (record["revision"] > 1), "next_try": again,
            "hint": row["hint"] if again else None,  # the hint is needed to get the same text from the same page
            "etag": outcome.etag, "last_modified": outcome.last_modified,
        }  # fmt: skip

    def _reject_change(self, record: _Record, outcome: UrlOutcome, row: Row) -> Row:
        changed: Row = {"reason": record["reason"], "next_try": None}
        if row["outcome"] in (UrlStatus.ARTICLE, UrlStatus.DUPLICATE):
            return {}  # requested again by a list of URLs: keep what is known
        if record["reason"] == RejectReason.DUPLICATE:
            return changed | {"outcome": UrlStatus.DUPLICATE, "article": id_key(record["id"])}
        if outcome.final:
            return changed | {"outcome": UrlStatus.REJECTED}
        attempts = row["attempts"] + outcome.reached
        found = from_microseconds(row["first_seen"])
        again = (
            self.schedule.retry_at(attempts, self.now)
            if outcome.reached
            else self.schedule.retry_unreached_at(found, self.now)
        )
        status = UrlStatus.FAILED if again else UrlStatus.GIVEN_UP
        kept = {} if again is None else {"hint": row["hint"]}
        return changed | kept | {
            "outcome": status, "attempts": attempts, "next_try": to_microseconds(again) if again else None,
        }  # fmt: skip

    def _note_change(self, note: CrawlNote, row: Row, checked: dict[int, Row]) -> Row:
        key = id_key(note.article) if note.article else row["article"]
        if row["outcome"] != UrlStatus.ARTICLE:
            return {"outcome": UrlStatus.DUPLICATE, "article": key, "next_try": None, "hint": None}
        known = checked.get(key) or known_articles.article_rows(self.connection, [key]).get(key)
        if known is not None and note.article:
            known["last_checked"] = to_microseconds(self.now)
        again = self._revisit(known) if known else None
        changed: Row = {"visits": row["visits"] + 1, "next_try": again, "hint": row["hint"] if again else None}
        if note.etag or note.last_modified:
            changed |= {"etag": note.etag, "last_modified": note.last_modified}
        return changed

    def _revisit(self, known: Row) -> int | None:
        published = from_microseconds(known["published"]) if known["published"] is not None else None
        again = self.schedule.revisit_at(from_microseconds(known["first_seen"]), published, self.now)
        return to_microseconds(again) if again else None


def stored_by_other_runs(connection: Connection, run: str, records: Iterable[_Record]) -> set[tuple[str, int]]:
    """Return (id, revision) of the articles that another run has stored in this revision or a later one."""
    found: set[tuple[str, int]] = set()
    for batch in batches((record["id"], record["revision"]) for record in records):
        stored = known_articles.article_rows(connection, [id_key(article) for article, _ in batch])
        for article, revision in batch:
            if _is_from_other_run(stored.get(id_key(article)), run, {"revision": revision}):
                found.add((article, revision))
    return found


def _is_from_other_run(stored: Row | None, run: str, record: _Record) -> bool:
    return stored is not None and stored["run"] != run and stored["revision"] >= record["revision"]


def _published_at(published: str | None) -> int | None:
    if published is None:
        return None
    when = datetime.fromisoformat(published)
    return to_microseconds(when if when.tzinfo else when.replace(tzinfo=UTC))
