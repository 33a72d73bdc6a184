"""Clean many local files side by side: each file becomes lines of records, in the order of the files."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from cleaners.rejection import RejectReason
from crawler.local_files.inputs import BadInputError, LocalInput, clean_input, read_input
from crawler.local_files.warc_pages import WarcPage
from crawler.pipelines.document_record import RecordOrigin, to_record, to_reject
from crawler.workers.pool import WorkerPool
from crawler.workers.protocol import CallBudget, CallError, CallTimeoutError
from output.records.article import Article, Reject
from output.storage.regular_file import STDIN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from datetime import datetime

    from cleaners.page import SiteRules
    from crawler.sites.profile import SiteProfile

# Files under way or waiting for an earlier one, for each worker: one slow file does not make the others idle at once.
_WINDOW = 16


async def clean_files(
    names: Iterable[str | WarcPage], job: FileJob, jobs: int, budget: CallBudget, *, one: bool = False
) -> AsyncIterator[OutputLine]:
    """Yield a line for each file, cleaned in `jobs` processes. A file that hangs or crashes its process gives a reject.

    With `one`, there is a single page, and nothing is read that it may not need.
    """
    pool = WorkerPool(jobs, budget, warm_up_one if one else warm_up_files)
    window: deque[asyncio.Future[OutputLine]] = deque()
    try:
        for name in names:
            window.append(asyncio.ensure_future(_line_of(pool, name, job)))
            if len(window) >= jobs * _WINDOW:
                yield await window.popleft()
        while window:
            yield await window.popleft()
    finally:
        for future in window:
            future.cancel()
        await pool.close()


async def _line_of(pool: WorkerPool, name: str | WarcPage, job: FileJob) -> OutputLine:
    try:
        # Only this process has stdin.
        return await pool.run(line_of, read_input(name) if name == STDIN else name, job)
    except BadInputError as error:
        return reject_line(error.reason, error.detail, job)
    except CallError as error:
        return reject_line(reason_of(error), f"{name}: {error}", job)


def reason_of(error: CallError) -> RejectReason:
    """Return why a page that failed in its worker is rejected."""
    late = isinstance(error, CallTimeoutError)
    return RejectReason.CLEANING_TIMEOUT if late else RejectReason.CLEANING_CRASH


@dataclass(frozen=True, slots=True)
class FileJob:
    """Hold what the files of one command have in common. `url` is where a single file is from, with its site's rules."""

    run: str
    start: datetime
    url: str | None = None
    rules: SiteRules | None = None
    site_name: str | None = None


@dataclass(frozen=True, slots=True)
class OutputLine:
    """Hold a record as it is written."""

    data: bytes
    is_article: bool
    unreadable: bool = False


def warm_up_files() -> tuple[Callable[[], None], ...]:
    """Import and read what cleaning needs; what is returned does more of it."""
    from crawler.workers import clean_task

    return clean_task.warm_up_pages()


def warm_up_one() -> None:
    """Import what cleaning needs; the page itself has the rest read."""
    import_module("cleaners.pipeline")


def line_of(name: str | LocalInput | WarcPage, job: FileJob) -> OutputLine:
    """Return the record of a file, of one that was read, or of a page in a WARC file. One that breaks the cleaners gives a reject."""
    try:
        return _line(_record_of_page(name, job) if isinstance(name, WarcPage) else _record_of(name, job))
    except MemoryError:
        raise  # for the worker to notice
    except Exception as error:
        return reject_line(RejectReason.CLEANING_CRASH, f"{name}: {type(error).__name__}: {error}", job)


def reject_line(reason: RejectReason, detail: str, job: FileJob) -> OutputLine:
    """Return the reject of a file that could not be cleaned."""
    return _line(to_reject(reason, detail, RecordOrigin(job.run, job.start, job.url, site_name=job.site_name)))


def _record_of(name: str | LocalInput, job: FileJob) -> Article | Reject:
    origin = RecordOrigin(job.run, job.start, job.url, job.url, job.site_name)
    try:
        source = read_input(name) if isinstance(name, str) else name
    except BadInputError as error:
        return to_reject(error.reason, error.detail, origin)
    # A name that carries an id goes before the URL, the URL before the content.
    named = source.id if source.named or not job.url else None
    origin = RecordOrigin(job.run, job.start, job.url, job.url, job.site_name, id=named)
    record = to_record(clean_input(source, url=job.url, rules=job.rules), origin)
    if isinstance(record, Reject) and not job.url:
        return record.model_copy(update={"detail": f"{name}: {record.detail}"})
    return record


def _record_of_page(found: WarcPage, job: FileJob) -> Article | Reject:
    page = found.page
    if page is None:
        return to_reject(RejectReason.UNREADABLE, f"{found}: {found.fault}", RecordOrigin(job.run, job.start))
    from cleaners import clean_page
    from crawler.discovery.urls import canonicalize
    from crawler.sites.profile_loader import profile_for

    try:
        profile = profile_for(canonicalize(page.url or ""), _profiles())
    except ValueError as error:
        return to_reject(RejectReason.UNREADABLE, f"{found}: {error}", RecordOrigin(job.run, job.start))
    rules = profile.rules() if profile else None
    origin = RecordOrigin(
        job.run, page.fetched_at or job.start, page.url, page.url, profile.name if profile else None, status=200
    )
    return to_record(clean_page(page, rules=rules), origin)


@lru_cache(maxsize=1)
def _profiles() -> list[SiteProfile]:
    from crawler.sites.profile_loader import load_profiles

    return load_profiles()


def _line(record: Article | Reject) -> OutputLine:
    import orjson

    data = orjson.dumps(record.model_dump(mode="json"), option=orjson.OPT_APPEND_NEWLINE)
    is_article = isinstance(record, Article)
    return OutputLine(data, is_article, isinstance(record, Reject) and record.reason is RejectReason.UNREADABLE)
