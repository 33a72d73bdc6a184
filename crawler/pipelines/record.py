"""CleanedPage | RefusedPage → SiteRecord: the record as it will be written, each article once a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

from scrapy.crawler import Crawler

from cleaners.blocks import Document
from crawler.carried import as_private
from crawler.items import RefusedPage
from crawler.opt_out import merged, skips
from crawler.pipelines.clean import CleanedPage
from crawler.records import Origin, to_record, to_reject
from crawler.run_stats import run_of
from output.article import Article, Reject, RejectReason
from output.rights import reservations


@dataclass(frozen=True, slots=True)
class SiteRecord:
    """A record, the site whose counts it goes to, and what its line carries until the run is finished (`private`)."""

    record: Article | Reject
    site: str
    private: Mapping[str, Any] = field(default_factory=dict)


class RecordPipeline:
    """Makes records of documents; the second page with an id is a reject that names the first.

    With `skip_opted_out`, an article that its outlet reserves from AI use is a reject that names the signals.
    """

    def __init__(self, run: str, *, skip_opted_out: bool = False):
        self._run = run
        self._skip_opted_out = skip_opted_out
        self._urls: dict[str, str] = {}  # article id → the URL that has it in this run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(run_of(crawler), skip_opted_out=skips(crawler.settings))

    def process_item(self, item: Any) -> Any:
        if isinstance(item, CleanedPage):
            record, site = self._article(item), item.fetched.site
            return SiteRecord(record, site, as_private(item.document, site) if isinstance(record, Article) else {})
        if isinstance(item, RefusedPage):
            origin = Origin(self._run, datetime.now(UTC), url=item.url, status=item.status)
            return SiteRecord(to_reject(item.reason, item.detail, origin), item.site)
        return item

    def _article(self, item: CleanedPage) -> Article | Reject:
        fetched = item.fetched
        url = fetched.page.url or fetched.requested_url
        origin = Origin(
            run=self._run,
            fetched=fetched.page.fetched_at or datetime.now(UTC),
            url=url,
            requested_url=fetched.requested_url,
            site_name=item.site_name,
            status=fetched.status,
        )
        record = to_record(_with_hints(item), origin)
        if isinstance(record, Reject):
            return record
        record = record.model_copy(update={"rights": merged(record.rights, fetched.rights)})
        if self._skip_opted_out and (reserved := reservations(record.rights)):
            return to_reject(RejectReason.OPTED_OUT, "; ".join(reserved), replace(origin, id=record.id))
        if first := self._urls.get(record.id):
            return to_reject(RejectReason.DUPLICATE, f"the same article as {first}", replace(origin, id=record.id))
        self._urls[record.id] = url
        return record


def _with_hints(item: CleanedPage) -> Document:
    """The document, with what the feed said where the page itself says nothing."""
    document, fetched = item.document, item.fetched
    return replace(
        document,
        title=document.title or fetched.hint_title,
        published=document.published or fetched.hint_published,
    )
