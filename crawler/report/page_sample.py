"""Choose recent pages for the report: from the archive, cleaned again, or else the stored texts."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import islice
from math import ceil
from typing import TYPE_CHECKING

from crawler.archive.archive_files import whole_files
from crawler.archive.capture import Capture, read_captures
from crawler.archive.warc_records import BrokenRecord
from crawler.items import FailedPage
from crawler.pipelines.article_record import article_of, origin_of
from crawler.report.page_view import SAMPLE_PAGE, PageView, text_runs, view_of_blocks
from output.files.article_files import read_articles
from output.records.article import Article, Reject
from output.records.timestamps import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from crawler.pipelines.clean_page import CleanPipeline
    from crawler.report.known_blocks import KnownBlocks
    from crawler.report.run_history import WarnFunction
    from crawler.report.site_lookup import SiteLookup

# Pages and records to read at most, and pages to clean in parallel.
_READ_LIMIT = 3000
_PARALLEL = 16


@dataclass(slots=True)
class PageSample:
    """Hold pages, at most `quota` of a site. With `archived`, their dropped blocks are known."""

    archived: bool
    quota: int
    pages: list[PageView] = field(default_factory=list)


def has_archive(data_dir: Path, since: date) -> bool:
    """Tell whether the archive has pages since this day."""
    return bool(whole_files(data_dir, since))


def site_quota(most: int, site_count: int) -> int:
    """Return how many pages one site may have, so that each gets its share."""
    return max(1, ceil(most / max(1, site_count)))


async def archived_pages(
    data_dir: Path,
    since: date,
    most: int,
    site_count: int,
    cleaning: CleanPipeline,
    known: KnownBlocks,
    warn: WarnFunction,
) -> PageSample:
    """Return pages of the newest runs, cleaned with the current cleaners and site memory. Raises OSError."""
    sample = PageSample(True, site_quota(most, site_count))
    chosen = islice(_newest(data_dir, since, sample.quota, warn), most)
    while some := list(islice(chosen, _PARALLEL)):
        sample.pages += await asyncio.gather(*(_cleaned(capture, cleaning, known) for capture in some))
    return sample


def stored_pages(paths: Sequence[Path], most: int, site_count: int, site_lookup: SiteLookup) -> PageSample:
    """Return the texts of the newest articles as stored; their dropped blocks are only counted."""
    sample = PageSample(False, site_quota(most, site_count))
    taken: Counter[str] = Counter()
    for article in islice(_newest_articles(paths), _READ_LIMIT):
        site = site_lookup.name_site(article.url, article.source)
        taken[site] += 1
        if taken[site] <= sample.quota:
            sample.pages.append(_of_record(article, site))
        if len(sample.pages) >= most:
            break
    return sample


def _newest(data_dir: Path, since: date, quota: int, warn: WarnFunction) -> Iterator[Capture]:
    """Yield the captures of the newest runs, each page once, at most `quota` of a site."""
    taken: Counter[str] = Counter()
    chosen: set[str] = set()
    read = 0
    for paths in reversed(list(whole_files(data_dir, since).values())):
        for path in reversed(paths):
            for capture in read_captures(path):
                read += 1
                if read > _READ_LIMIT:
                    return
                if isinstance(capture, BrokenRecord):
                    warn(f"{path}, byte {capture.offset}: cannot read this record: {capture.why}")
                    continue
                fetched = capture.fetched
                if capture.unchanged or fetched.requested_url in chosen or taken[fetched.site] >= quota:
                    continue
                chosen.add(fetched.requested_url)
                taken[fetched.site] += 1
                yield capture


async def _cleaned(capture: Capture, cleaning: CleanPipeline, known: KnownBlocks) -> PageView:
    fetched = capture.fetched
    url = fetched.page.url or fetched.requested_url
    when = rfc3339(fetched.page.fetched_at) if fetched.page.fetched_at else ""
    cleaned = await cleaning.process_item(fetched)
    if isinstance(cleaned, FailedPage):
        reject = f"{_words(cleaned.rejection.reason)}: {cleaned.rejection.detail}"
        return PageView(url, url, fetched.site, when, None, (), {}, 0, reject=reject)
    record = article_of(cleaned, origin_of(cleaned, capture.run))
    document, memory = known.apply(cleaned.document, fetched.site)
    runs, strip, left_out = view_of_blocks(document, memory, SAMPLE_PAGE)
    return PageView(
        title=document.title or url,
        url=url,
        site=fetched.site,
        fetched=when,
        language=document.language,
        runs=runs,
        counts=document.removed,
        kept=sum(block.dropped_by is None for block in document.blocks),
        strip=strip,
        reject=f"{_words(record.reason)}: {record.detail}" if isinstance(record, Reject) else "",
        left_out=left_out,
    )


def _newest_articles(paths: Sequence[Path]) -> Iterator[Article]:
    """Yield articles, newest first. Skip broken lines: `collect_data` has reported them."""
    for path in reversed(paths):
        newest = deque((article for _, article in read_articles([path], lambda _: None)), maxlen=_READ_LIMIT)
        yield from reversed(newest)


def _of_record(article: Article, site: str) -> PageView:
    counts: Mapping[str, int] = {kind.value: count for kind, count in article.removed.items()}
    runs = text_runs(article.text, SAMPLE_PAGE)
    return PageView(
        title=article.title or article.url or article.id,
        url=article.url,
        site=site,
        fetched=article.fetched,
        language=article.language,
        runs=runs,
        counts=counts,
        kept=sum(len(run.blocks) for run in runs),
        whole=False,
    )


def _words(reason: str) -> str:
    return str(reason).replace("_", " ")
