"""Turn CleanedPage and FailedPage into SiteRecord: the record as it will be written, each article and each version once."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from cleaners.rejection import Rejection, RejectReason
from crawler.discovery.urls import comparison_key
from crawler.extensions.run_state import frontier_of
from crawler.frontier.site_memory_store import with_blocks
from crawler.items import FailedPage, RepeatedPage, UnchangedPage
from crawler.middlewares.opt_out import skips_opted_out
from crawler.pipelines.article_record import article_of, origin_of
from crawler.pipelines.clean_page import CleanedPage
from crawler.pipelines.document_record import RecordOrigin, to_reject
from crawler.pipelines.duplicate_check import DuplicateCheck
from crawler.run.loop_record import LoopRecord
from crawler.run.run_options import options_of
from crawler.run.run_stats import run_of
from output.files.record_file import RecordLine, encode_line
from output.records.article import Article, Reject
from output.records.pending import Pending, UrlOutcome
from output.state import StateError
from output.state.commit import CrawlNote

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from cleaners.document import Document
    from crawler.frontier.frontier import Frontier

logger = logging.getLogger(__name__)

_GONE = {410, 451}  # 410: gone for good; 451: blocked for legal reasons


@dataclass(frozen=True, slots=True)
class SiteRecord:
    """Hold a record, the site it counts for, and its line with what the run's end will need of it.

    `said` names which of title, date and author the page itself gave, where a feed may have filled them in. `again`: an earlier
    run requested the same URL and failed.
    """

    record: Article | Reject
    site: str
    line: RecordLine
    said: frozenset[str] = frozenset()
    again: bool = False


@dataclass(frozen=True, slots=True)
class NoRecord:
    """Hold a URL that leaves no record: a note for the state, and the reason for people."""

    note: CrawlNote
    why: str


class RecordPipeline:
    """Make records of documents, each article once: what has a record already is a reject that names it.

    An article that is visited again gives a new revision if its text has changed, and nothing otherwise. With `skip_opted_out`,
    an article that its publisher reserves from AI use is a reject that names the signals. A page of which no record can be
    made or encoded is a reject too, and the run goes on.
    """

    def __init__(
        self,
        run: str,
        frontier: Frontier,
        duplicates: DuplicateCheck,
        *,
        skip_opted_out: bool = False,
        loop: LoopRecord | None = None,
    ):
        self._run, self._frontier, self._duplicates = run, frontier, duplicates
        self._loop = loop or LoopRecord()
        self._skip_opted_out = skip_opted_out
        self._urls: dict[str, str] = {}  # article id → the URL that has it in this run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        duplicates = DuplicateCheck.from_crawler(crawler)
        skips, loop = skips_opted_out(crawler.settings), options_of(crawler).loop
        return cls(run_of(crawler), frontier_of(crawler), duplicates, skip_opted_out=skips, loop=loop)

    def process_item(self, item: Any) -> Any:
        if isinstance(item, CleanedPage):
            fetched = item.fetched
            try:
                with self._loop.at_work(fetched.site, f"making the record of {fetched.requested_url}"):
                    return self._revised(item) if fetched.revisit_of else self._new(item)
            except StateError:
                raise  # which ends the run
            except Exception as error:
                item = _failed(item, error)
        if isinstance(item, UnchangedPage):
            return NoRecord(CrawlNote(comparison_key(item.url), item.article), f"{item.url}: has not changed")
        if isinstance(item, RepeatedPage):
            return NoRecord(CrawlNote(comparison_key(item.url)), f"{item.url}: leads where another URL has led")
        if isinstance(item, FailedPage):
            why = item.rejection
            if item.revisit_of:
                note = CrawlNote(comparison_key(item.requested_url or item.url))
                return NoRecord(note, f"{item.url}: not looked at again: {why.reason}: {why.detail}")
            origin = RecordOrigin(self._run, datetime.now(UTC), url=item.url, status=why.status)
            record = to_reject(why.reason, why.detail, origin)
            outcome = outcome_of_failure(item)
            again = self._frontier.has_failed_before(outcome.requested_url)
            return SiteRecord(record, item.site, _line(record, Pending(outcome)), again=again)
        return item

    def _new(self, item: CleanedPage) -> SiteRecord:
        origin = origin_of(item, self._run)
        record = self._article(item, origin)
        if isinstance(record, Article):
            origin = replace(origin, id=record.id)
            with self._frontier.batch_lookups():
                if first := self._has_record(record.id):
                    record = to_reject(RejectReason.DUPLICATE, f"the same article as {first}", origin)
                else:
                    record = self._duplicates.check(record, item.signature, origin)
        return self._site_record(item, record, outcome_of_page(item, record))

    def _revised(self, item: CleanedPage) -> SiteRecord | NoRecord:
        fetched = item.fetched
        requested_key = comparison_key(fetched.requested_url)
        before = self._frontier.find_article(fetched.revisit_of or "")
        record = self._article(item, replace(origin_of(item, self._run), id=fetched.revisit_of))
        if before is None or isinstance(record, Reject):
            return NoRecord(CrawlNote(requested_key), f"{fetched.requested_url}: gives no article any more")
        outcome = outcome_of_page(item, record)
        if record.content_hash == before.content_hash:
            note = CrawlNote(requested_key, record.id, outcome.etag, outcome.last_modified)
            return NoRecord(note, f"{fetched.requested_url}: has not changed")
        versions = {"revision": before.revision + 1, "previous_hash": before.content_hash}
        record = self._duplicates.mark(record.model_copy(update=versions), item.signature)
        return self._site_record(item, record, outcome)

    def _site_record(self, item: CleanedPage, record: Article | Reject, outcome: UrlOutcome) -> SiteRecord:
        is_article = isinstance(record, Article)
        pending = with_blocks(Pending(outcome, item.signature), item.document) if is_article else Pending(outcome)
        line = _line(record, pending)
        if is_article:
            self._urls[record.id] = record.url or ""
        again = self._frontier.has_failed_before(item.fetched.requested_url)
        return SiteRecord(record, item.fetched.site, line, _said(item.document), again)

    def _article(self, item: CleanedPage, origin: RecordOrigin) -> Article | Reject:
        return article_of(item, origin, skip_opted_out=self._skip_opted_out)

    def _has_record(self, article_id: str) -> str | None:
        """Return the URL of the record with this id, from this run or an earlier one."""
        if article_id in self._urls:
            return self._urls[article_id]
        known = self._frontier.find_article(article_id)
        return (known.url or known.id) if known else None


def _line(record: Article | Reject, pending: Pending) -> RecordLine:
    return encode_line({**record.model_dump(mode="json"), **pending.to_part_keys()})


def _failed(item: CleanedPage, error: Exception) -> FailedPage:
    fetched = item.fetched
    url = fetched.page.url or fetched.requested_url
    logger.error("%s: no record can be made of the page", url, exc_info=error)
    why = Rejection(RejectReason.CLEANING_CRASH, f"no record: {type(error).__name__}: {error}", fetched.status)
    return FailedPage(url, fetched.site, why, fetched.requested_url, fetched.revisit_of)


def _said(document: Document) -> frozenset[str]:
    given = {"title": document.title, "date": document.published, "author": document.authors}
    return frozenset(name for name, value in given.items() if value)


def outcome_of_page(item: CleanedPage, record: Article | Reject) -> UrlOutcome:
    """Return the outcome of a fetched page. An article is known by every URL that led to it."""
    fetched = item.fetched
    urls = [fetched.requested_url, fetched.page.url]
    if isinstance(record, Article):
        urls.append(record.canonical_url)
    headers = fetched.page.headers
    final = isinstance(record, Article) or record.reason.is_final
    return UrlOutcome(
        fetched.requested_url, _keys(urls), fetched.site, headers.get("etag"), headers.get("last-modified"), final
    )


def outcome_of_failure(item: FailedPage) -> UrlOutcome:
    """Return the outcome of a page that was not fetched, or that broke the cleaners."""
    requested = item.requested_url or item.url
    why = item.rejection
    final = why.reached and (why.reason.is_final or why.status in _GONE)
    return UrlOutcome(
        requested, _keys([requested, item.url] if final else [requested]), item.site, final=final, reached=why.reached
    )


def _keys(urls: list[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(comparison_key(url) for url in urls if url))
