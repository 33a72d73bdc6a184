"""Decide what becomes of a page that was cleaned again: the version that it was, or the reject, or nothing.

Which page is an article's first version, which repeats another, and which had changed at a later visit was decided when it was
fetched, and stays so. Where the records of that time are gone, the archive alone decides; copies on other sites
(`duplicate_of`) are not looked for then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cleaners.rejection import RejectReason
from crawler.pipelines.article_record import article_of, origin_of
from crawler.pipelines.clean_page import CleanedPage
from crawler.pipelines.document_record import RecordOrigin, to_reject
from output.records.article import Article, Reject

if TYPE_CHECKING:
    from crawler.archive.capture import Capture
    from crawler.items import FailedPage
    from crawler.reclean.stored_run import StoredRun


class VersionSettler:
    """Go through the pages of all runs in their order."""

    def __init__(self) -> None:
        self._versions: dict[str, tuple[int, str]] = {}  # article id → its last revision and hash

    def settle(self, capture: Capture, cleaned: CleanedPage | FailedPage, stored: StoredRun) -> Article | Reject | None:
        """Return the record of a page; None where it gives none now and gave none when it was fetched."""
        fetched = capture.fetched
        before = stored.articles.get(fetched.requested_url)
        rejected = stored.rejects.get(fetched.page.url or fetched.requested_url)
        if not before and rejected and rejected.reason.is_crawl_decision:
            return rejected
        if not before and not rejected and stored.complete:
            return None  # it had not changed; or it was lost with a run that was killed, and fetched once more
        record = _record(capture, cleaned, before.id if before else fetched.revisit_of)
        if isinstance(record, Reject):
            return record if before or not fetched.revisit_of else None
        if before:
            record = record.model_copy(update=dict(before.settled))
        else:
            settled = self._in_order(record, revisit=fetched.revisit_of is not None)
            if not isinstance(settled, Article):
                return settled
            record = settled
        self._versions[record.id] = (record.revision, record.content_hash)
        return record

    def _in_order(self, record: Article, *, revisit: bool) -> Article | Reject | None:
        """Return the record as the next version after those before it."""
        if record.id not in self._versions:
            return record
        revision, text = self._versions[record.id]
        if not revisit:
            return Reject(
                id=record.id, url=record.url, source=record.source, reason=RejectReason.DUPLICATE,
                detail="the same article as an earlier page", status=200, fetched=record.fetched, run=record.run,
            )  # fmt: skip
        if record.content_hash == text:
            return None
        return record.model_copy(update={"revision": revision + 1, "previous_hash": text})


def _record(capture: Capture, cleaned: CleanedPage | FailedPage, article_id: str | None) -> Article | Reject:
    if isinstance(cleaned, CleanedPage):
        origin = origin_of(cleaned, capture.run)
        return article_of(cleaned, _named(origin, article_id))
    page = capture.fetched.page
    assert page.fetched_at
    origin = RecordOrigin(capture.run, page.fetched_at, cleaned.url, status=cleaned.rejection.status)
    return to_reject(cleaned.rejection.reason, cleaned.rejection.detail, _named(origin, article_id))


def _named(origin: RecordOrigin, article_id: str | None) -> RecordOrigin:
    return replace(origin, id=article_id)
