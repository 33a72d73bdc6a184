"""Write each SiteRecord as a line of the run's files and count it; pass the note of each NoRecord to the state.

The files get their final names when the spider closes.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import DropItem

from crawler.extensions.run_ending import end_run
from crawler.extensions.run_state import RunState
from crawler.extensions.site_monitor import SiteMonitor
from crawler.pipelines.make_record import NoRecord, SiteRecord
from crawler.run import run_stats
from output.files.record_file import RecordFile, record_path
from output.records.article import Article
from output.state import StateError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from output.state.commit import CrawlNote

logger = logging.getLogger(__name__)


class WritePipeline:
    """Write articles and rejects under DATA_DIR. Scrapy's own feeds (`-o`) receive the articles."""

    def __init__(self, crawler: Crawler, data_dir: Path, state: RunState):
        run = run_stats.run_of(crawler)
        self._crawler = crawler
        self._state = state
        self._watch = crawler.get_extension(SiteMonitor)
        self._articles = RecordFile(record_path(data_dir, "articles", run))
        self._rejects = RecordFile(record_path(data_dir, "rejects", run))
        self._notes: list[CrawlNote] = []  # kept until the run's end, when the state learns of it all
        self._closed = False
        self._gave_up = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        held = crawler.get_extension(RunState)
        if held is None:
            raise ValueError("EXTENSIONS lacks crawler.extensions.run_state.RunState: records cannot be written safely")
        return cls(crawler, Path(crawler.settings["DATA_DIR"]), held)

    def process_item(self, item: Any) -> Any:
        if isinstance(item, NoRecord):
            self._notes.append(item.note)
            raise DropItem(item.why)
        if not isinstance(item, SiteRecord):
            return item
        record = item.record
        if self._closed:  # its URL is still pending
            raise DropItem(f"came too late for this run: {record.url}")
        file = self._articles if isinstance(record, Article) else self._rejects
        try:
            file.append(item.line)
        except OSError as error:
            self._give_up(file, error)
            raise DropItem(f"not written: {record.url}") from None
        run_stats.count_record(self._crawler.stats, item.site, record, again=item.again)
        if self._watch and (isinstance(record, Article) or not item.again):  # a page that fails thrice is one page
            self._watch.saw(item.site, record, item.said)
        if not isinstance(record, Article):
            logger.info("%s: %s: %s", record.url, record.reason, record.detail)
            raise DropItem(f"{record.reason}: {record.detail}")
        return record

    def close_spider(self) -> None:
        self._closed = True
        for file in (self._articles, self._rejects):
            file.abandon()  # it stays a `.part` until the state knows what is in it
        try:
            self._crawler.stats.set_value(run_stats.FILES_KEY, self._state.finish_files(self._notes))
        except Exception as error:
            self._crawler.stats.inc_value(run_stats.INTERNAL_ERRORS_KEY)
            foreseen = isinstance(error, (OSError, StateError))
            logger.error("%s; the next run finishes what this one has fetched", error, exc_info=not foreseen)

    def _give_up(self, file: RecordFile, error: OSError) -> None:
        """End the run after a record that cannot be written: to go on would lose every article that follows."""
        self._crawler.stats.inc_value(run_stats.INTERNAL_ERRORS_KEY)
        if not self._gave_up:
            logger.critical("%s: cannot be written, the run ends: %s", file.part, error.strerror or error)
            self._gave_up = True
            end_run(self._crawler, "write_failed")
