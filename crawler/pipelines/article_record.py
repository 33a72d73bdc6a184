"""Turn a CleanedPage into a record by itself, before it is compared with other articles."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cleaners.metadata.origins import with_origin
from cleaners.rejection import RejectReason
from crawler.pipelines.document_record import RecordOrigin, to_record, to_reject
from output.records.article import Article, Reject
from output.records.rights import merge_rights, reservations

if TYPE_CHECKING:
    from cleaners.document import Document
    from crawler.pipelines.clean_page import CleanedPage


def origin_of(item: CleanedPage, run: str) -> RecordOrigin:
    """Return where the page came from; `run` fetched it."""
    fetched = item.fetched
    return RecordOrigin(
        run=run,
        fetched=fetched.page.fetched_at or datetime.now(UTC),
        url=fetched.page.url or fetched.requested_url,
        requested_url=fetched.requested_url,
        site_name=item.site_name,
        status=fetched.status,
    )


def article_of(item: CleanedPage, origin: RecordOrigin, *, skip_opted_out: bool = False) -> Article | Reject:
    """Return the article with what its feed and host say of it, or the reject of a page that is not an article.

    With `skip_opted_out`, an article that its publisher reserves from AI use is a reject.
    """
    record = to_record(with_hints(item), origin)
    if isinstance(record, Reject):
        return record
    record = record.model_copy(update={"rights": merge_rights(record.rights, item.fetched.rights)})
    if skip_opted_out and (reserved := reservations(record.rights)):
        return to_reject(RejectReason.OPTED_OUT, "; ".join(reserved), replace(origin, id=record.id))
    return record


def with_hints(item: CleanedPage) -> Document:
    """Return the document, completed by the feed's title and date where the page has none."""
    document, fetched = item.document, item.fetched
    if not document.title and fetched.hint_title:
        document = with_origin(document, "title", fetched.hint_title, "feed:title")
    if not document.published and fetched.hint_published:
        document = with_origin(document, "published", fetched.hint_published, "feed:published")
    return document
