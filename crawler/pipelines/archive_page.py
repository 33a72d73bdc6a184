"""Archive each FetchedPage before it moves on, so that no article has a record without its page."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import DropItem, NotConfigured

from crawler.archive.archive_files import delete_archives_before
from crawler.archive.capture import Capture
from crawler.extensions.run_ending import end_run
from crawler.extensions.run_state import RunState
from crawler.items import FetchedPage
from crawler.run import run_stats
from crawler.run.clock import clock_from

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.archive.archive_writer import ArchiveWriter

logger = logging.getLogger(__name__)


class ArchivePipeline:
    """Write pages to WARC files, in a thread. A file that cannot be written ends the run: its URLs stay pending."""

    def __init__(self, crawler: Crawler, writer: ArchiveWriter, delete_before: datetime | None):
        self._crawler, self._writer, self._forget_until = crawler, writer, delete_before
        self._run = run_stats.run_of(crawler)
        self._data_dir = Path(crawler.settings["DATA_DIR"])
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")
        self._gave_up = False
        if held := crawler.get_extension(RunState):
            held.before_recording.append(writer.sync)  # what the state knows to have a record has its page here

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        if not settings.getbool("ARCHIVE"):
            raise NotConfigured
        from crawler.archive.archive_writer import ArchiveWriter
        from crawler.archive.payload_index import PayloadIndex  # who keeps no archive does not wait for these

        data_dir, run, now = Path(settings["DATA_DIR"]), run_stats.run_of(crawler), clock_from(settings)()
        most = int(settings.getfloat("ARCHIVE_MAX_MB") * 1_000_000)
        writer = ArchiveWriter(data_dir, run, most, settings["USER_AGENT"], PayloadIndex(data_dir, now))
        keep = settings.getfloat("ARCHIVE_DAYS")
        return cls(crawler, writer, now - timedelta(days=keep) if keep > 0 else None)

    async def process_item(self, item: Any) -> Any:
        if not isinstance(item, FetchedPage):
            return item
        try:
            await self._in_thread(self._writer.write, Capture(self._run, item))
        except OSError as error:
            self._give_up(error)
            raise DropItem(f"not archived: {item.requested_url}") from None
        return item

    async def close_spider(self) -> None:
        try:
            await self._in_thread(self._writer.finish)
            if self._forget_until:
                await self._in_thread(delete_archives_before, self._data_dir, self._forget_until.date())
        except OSError as error:
            self._crawler.stats.inc_value(run_stats.INTERNAL_ERRORS_KEY)
            logger.error("%s/archive: %s; the next run finishes it", self._data_dir, error.strerror or error)
        finally:
            self._thread.shutdown()

    async def _in_thread(self, function: Any, *arguments: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    def _give_up(self, error: OSError) -> None:
        self._crawler.stats.inc_value(run_stats.INTERNAL_ERRORS_KEY)
        if not self._gave_up:
            logger.critical("%s/archive cannot be written, the run ends: %s", self._data_dir, error.strerror or error)
            self._gave_up = True
            end_run(self._crawler, "write_failed")
