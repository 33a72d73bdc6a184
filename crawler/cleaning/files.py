"""Files to lines of records: what `scrapy clean` does with each, here or in a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from cleaners.page import SiteRules
from cleaners.rejection import RejectReason
from crawler.inputs import BadInputError, document_of, read
from crawler.records import Origin, to_record, to_reject
from crawler.warc_pages import WarcPage
from output.article import Article, Reject

if TYPE_CHECKING:
    from crawler.profile import SiteProfile


@dataclass(frozen=True, slots=True)
class Job:
    """What the files of one command have in common. `url` is where the only file is from, with its site's rules."""

    run: str
    start: datetime
    url: str | None = None
    rules: SiteRules | None = None
    site_name: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A record as it is written."""

    data: bytes
    is_article: bool
    unreadable: bool = False


def warm_up() -> tuple[Callable[[], None], ...]:
    """Import and read what cleaning needs; what is returned does more of it."""
    from crawler.cleaning import pages

    return pages.warm_up()


def line_of(name: str | WarcPage, job: Job) -> Line:
    """The record of one file, of stdin, or of a page in a WARC file. A file that breaks the cleaners gives a reject as well."""
    try:
        return _line(_record_of_page(name, job) if isinstance(name, WarcPage) else _record_of(name, job))
    except MemoryError:
        raise  # for the worker to notice
    except Exception as error:
        return reject_line(RejectReason.CLEANING_CRASH, f"{name}: {type(error).__name__}: {error}", job)


def reject_line(reason: RejectReason, detail: str, job: Job) -> Line:
    """The reject of a file that could not be cleaned."""
    return _line(to_reject(reason, detail, Origin(job.run, job.start, job.url, site_name=job.site_name)))


def _record_of(name: str, job: Job) -> Article | Reject:
    origin = Origin(job.run, job.start, job.url, job.url, job.site_name)
    try:
        source = read(name)
    except BadInputError as error:
        return to_reject(error.reason, error.detail, origin)
    # A name that carries an id goes before the URL, the URL before the content.
    named = source.id if source.named or not job.url else None
    origin = Origin(job.run, job.start, job.url, job.url, job.site_name, id=named)
    record = to_record(document_of(source, url=job.url, rules=job.rules), origin)
    if isinstance(record, Reject) and not job.url:
        return record.model_copy(update={"detail": f"{name}: {record.detail}"})
    return record


def _record_of_page(found: WarcPage, job: Job) -> Article | Reject:
    page = found.page
    if page is None:
        return to_reject(RejectReason.UNREADABLE, f"{found}: {found.fault}", Origin(job.run, job.start))
    from cleaners import clean_page
    from crawler.discovery.urls import canonicalize
    from crawler.profiles import profile_for

    try:
        profile = profile_for(canonicalize(page.url or ""), _profiles())
    except ValueError as error:
        return to_reject(RejectReason.UNREADABLE, f"{found}: {error}", Origin(job.run, job.start))
    rules = profile.rules() if profile else None
    origin = Origin(
        job.run, page.fetched_at or job.start, page.url, page.url, profile.name if profile else None, status=200
    )
    return to_record(clean_page(page, rules=rules), origin)


@lru_cache(maxsize=1)
def _profiles() -> list[SiteProfile]:
    from crawler.profiles import load_profiles

    return load_profiles()


def _line(record: Article | Reject) -> Line:
    import orjson

    data = orjson.dumps(record.model_dump(mode="json"), option=orjson.OPT_APPEND_NEWLINE)
    is_article = isinstance(record, Article)
    return Line(data, is_article, isinstance(record, Reject) and record.reason is RejectReason.UNREADABLE)
